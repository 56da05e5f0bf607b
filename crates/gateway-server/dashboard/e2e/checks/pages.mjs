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
async function views() {
  const { json } = await get(PLACES.demo, "/api/logs?limit=1000");
  const opened = json.logs.find((row) => row.status === "success" && row.attempts.length > 1 && row.provider);
  return [
    ["log-row", `/logs/${opened.id}`],
    ["provider", "/providers/openai"],
    ["what-would-happen", "/routing?tab=what-if&key=support-chat&model=gpt-4o-mini"],
  ];
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

for (const [state, base, pages] of [
  ["empty", () => PLACES.empty, async () => [...PAGES, ["login", "/login"]]],
  ["full", () => PLACES.demo, async () => [...PAGES, ...(await views())]],
]) {
  for (const theme of ["light", "dark"]) {
    for (const size of [WIDE, PHONE]) {
      for (const [name] of [
        ...PAGES,
        state === "empty" ? ["login"] : ["log-row"],
        ...(state === "full" ? [["provider"], ["what-would-happen"]] : []),
      ]) {
        check(`page ${name}, ${state}, ${theme}, ${size.width} px wide`, async (browser) => {
          const page = (await pages()).find(([had]) => had === name);
          await looksRight(browser, base(), page, theme, size, state);
        });
      }
    }
  }
}
