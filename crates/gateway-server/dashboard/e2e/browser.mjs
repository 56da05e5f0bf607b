// A browser that notices what a user would not: complaints on the console, requests to other hosts, violations of accessibility.

import { createRequire } from "node:module";
import { chromium } from "playwright-core";
import { eventually, same } from "./runner.mjs";

const AXE = createRequire(import.meta.url).resolve("axe-core/axe.min.js");

/** Chromium without a sandbox, which a container cannot set up, and without anything that it asks for by itself. */
const ARGUMENTS = [
  "--no-sandbox",
  "--disable-gpu",
  "--disable-dev-shm-usage",
  "--disable-background-networking",
  "--disable-component-update",
  "--disable-sync",
];

export async function launch() {
  return chromium.launch({ executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium", args: ARGUMENTS });
}

export const WIDE = { width: 1440, height: 900 };
export const PHONE = { width: 375, height: 780 };

/**
 * A visitor of a gateway: a browser of its own, and what was noticed. `expects` are complaints that a check provokes.
 */
export async function visitor(
  browser,
  base,
  { theme = "light", size = WIDE, expects = [], reducedMotion = "reduce" } = {},
) {
  const context = await browser.newContext({
    viewport: size,
    colorScheme: theme,
    reducedMotion,
    timezoneId: "UTC",
    locale: "en-GB",
    permissions: ["clipboard-read", "clipboard-write"],
  });
  context.setDefaultTimeout(15_000);
  const noticed = [];
  const host = new URL(base).host;
  const note = (what) => expects.some((expected) => expected.test(what)) || noticed.push(what);
  const page = await context.newPage();
  page.on("console", (message) => {
    if (message.type() === "error" || message.type() === "warning") {
      note(`console: ${message.text()} ${message.location().url}`);
    }
  });
  page.on("pageerror", (error) => note(`page error: ${error.message}`));
  page.on("request", (request) => {
    const url = new URL(request.url());
    if (!["data:", "blob:"].includes(url.protocol) && url.host !== host) note(`another host: ${request.url()}`);
  });
  return {
    page,
    noticed,
    /** Opens a page by its address below `/ui`, and waits until it shows what it has. */
    async open(path) {
      await page.goto(`${base}/ui${path}`);
      await settled(page);
    },
    settled: () => settled(page),
    /** What axe finds that is serious or critical. */
    violations: () => violations(page),
    /** Ends the visit, and fails where something was noticed. */
    async leave() {
      const complaints = [...noticed];
      await context.close();
      same("noticed", complaints, []);
    },
    async close() {
      await context.close();
    },
  };
}

/** Waits until nothing is loading any more: a heading is there, and no part says that it is busy. */
async function settled(page) {
  // Where a panel lies over the page, its heading is the one that is there.
  await page.getByRole("heading").first().waitFor();
  await eventually(`${page.url()} has loaded`, async () => (await page.locator("[aria-busy=true]").count()) === 0);
  await page.evaluate(() => document.fonts.ready);
}

async function violations(page) {
  const has = await page.evaluate(() => "axe" in window);
  // The policy of the page allows no script of others in it; the browser's own evaluation is not bound by it.
  if (!has) await page.evaluate(await source());
  const found = await page.evaluate(async () => {
    const { violations } = await window.axe.run(document, { resultTypes: ["violations"] });
    return violations.map(({ id, impact, help, nodes }) => ({
      id,
      impact,
      help,
      where: nodes.slice(0, 3).map((node) => `${node.target.join(" ")}: ${node.html.slice(0, 160)}`),
    }));
  });
  return found.filter(({ impact }) => impact === "serious" || impact === "critical");
}

let axe;
async function source() {
  if (!axe) {
    const { readFile } = await import("node:fs/promises");
    axe = await readFile(AXE, "utf8");
  }
  return axe;
}
