// Every page, empty and full, light and dark, wide and on a phone.

import { mkdir } from "node:fs/promises";
import { get, PLACES } from "../api.mjs";
import { PHONE, visitor, WIDE } from "../browser.mjs";
import { check, holds, same } from "../runner.mjs";

const SCREENS = process.env.SCREENS;

/** Address, and a name for it. */
export const PAGES = [
  ["overview", "/overview"],
  ["logs", "/logs"],
  ["providers", "/providers"],
  ["models", "/models"],
  ["routing", "/routing"],
  ["playground", "/playground"],
  ["keys", "/keys"],
  ["teams", "/teams"],
  ["customers", "/customers"],
  ["settings", "/settings"],
  ["api", "/api"],
  ["welcome", "/welcome"],
];

/** Views of the demo that are no page of their own, as addresses that can be shared. */
const VIEWS = [
  ["log-row", async () => `/logs/${await withFailover()}`],
  ["provider", () => "/providers/openai"],
  ["key", () => "/keys?open=support-mail"],
  ["what-would-happen", () => "/routing?tab=what-if&key=support-chat&model=gpt-4o-mini"],
  ["overrides", () => "/models?tab=overrides"],
  ["users", () => "/settings?tab=users"],
  ["revisions", () => "/settings?tab=revisions"],
  ["audit", () => "/settings?tab=audit"],
  ["ledger", () => "/settings?tab=ledger"],
];

async function withFailover() {
  const { json } = await get(PLACES.demo, "/api/logs?limit=1000");
  return json.logs.find((row) => row.status === "success" && row.attempts.length > 1 && row.provider).id;
}

function byWidth(name, size) {
  return `${name}-${size === PHONE ? "phone" : "wide"}`;
}

async function looksRight(browser, base, [name, path], theme, size, shot) {
  const visit = await visitor(browser, base, { theme, size });
  try {
    await visit.open(path);
    const { page } = visit;
    const shown = await page.evaluate(() => document.documentElement.dataset.theme);
    same("the theme", shown, theme);
    const { body, window } = await page.evaluate(() => ({
      body: document.documentElement.scrollWidth,
      window: document.documentElement.clientWidth,
    }));
    holds(`${path} is ${body} px wide in a window of ${window} px`, body <= window);
    if (SCREENS && shot) {
      await mkdir(SCREENS, { recursive: true });
      await page.screenshot({ path: `${SCREENS}/${shot}-${byWidth(name, size)}-${theme}.png` });
    }
    const found = await visit.violations();
    same("violations", found, []);
    same("noticed", visit.noticed, []);
  } finally {
    await visit.close();
  }
}

const EMPTY = [...PAGES, ["login", "/login"]];
const FULL = [...PAGES, ...VIEWS];

for (const [state, place, pages] of [
  ["empty", "empty", EMPTY],
  ["full", "demo", FULL],
]) {
  for (const theme of ["light", "dark"]) {
    for (const size of [WIDE, PHONE]) {
      for (const [name, path] of pages) {
        check(`page ${name}, ${state}, ${theme}, ${size.width} px wide`, async (browser) => {
          const address = typeof path === "string" ? path : await path();
          await looksRight(browser, PLACES[place], [name, address], theme, size, state);
        });
      }
    }
  }
}
