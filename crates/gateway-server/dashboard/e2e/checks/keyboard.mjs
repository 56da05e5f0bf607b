// Without a mouse, and in the dark.

import { PLACES } from "../api.mjs";
import { PHONE, visitor } from "../browser.mjs";
import { check, eventually, holds, same } from "../runner.mjs";

/** What has the focus, as a screen reader would say it. */
const focused = (page) =>
  page.evaluate(() => {
    const has = document.activeElement;
    return (has?.getAttribute("aria-label") ?? has?.textContent ?? "").trim().slice(0, 60);
  });

check("by keyboard alone: skip link, navigation, a row that opens and gives the focus back", async (browser) => {
  const visit = await visitor(browser, PLACES.demo);
  const { page } = visit;
  await visit.open("/logs");
  await page.keyboard.press("Tab");
  same("the first stop", await focused(page), "Skip to the content");
  await page.keyboard.press("Enter");
  await eventually("the content has the focus", () =>
    page.evaluate(() => document.activeElement?.closest("main") !== null),
  );
  await page.getByRole("table", { name: "Log of requests" }).getByRole("row").nth(1).focus();
  const before = await page.evaluate(() => document.activeElement?.getAttribute("data-key"));
  await page.keyboard.press("Enter");
  const opened = page.getByRole("dialog");
  await opened.waitFor();
  for (let stop = 0; stop < 25; stop += 1) {
    await page.keyboard.press("Tab");
    holds(
      "the focus stays in the panel",
      await page.evaluate(() => document.activeElement?.closest("[role=dialog]") !== null),
    );
  }
  await page.keyboard.press("Escape");
  await opened.waitFor({ state: "detached" });
  await eventually(
    "the row has the focus again",
    async () => (await page.evaluate(() => document.activeElement?.closest("tr")?.getAttribute("data-key"))) === before,
  );
  await visit.leave();
});

check("by keyboard alone: g and a letter, and the palette, go to pages", async (browser) => {
  const visit = await visitor(browser, PLACES.demo);
  const { page } = visit;
  await visit.open("/overview");
  await page.keyboard.press("g");
  await page.keyboard.press("p");
  await page.getByRole("heading", { level: 1, name: "Providers" }).waitFor();
  await page.keyboard.press("Control+k");
  await page.getByRole("combobox", { name: /^Go to a page/ }).fill("mist");
  await page
    .getByRole("option", { name: /mistral/ })
    .first()
    .waitFor();
  await page.keyboard.press("Enter");
  await page.waitForURL(/providers\/mistral/);
  await visit.leave();
});

check("every page can be walked through by Tab, and shows where one is", async (browser) => {
  const visit = await visitor(browser, PLACES.demo);
  const { page } = visit;
  for (const path of [
    "/overview",
    "/logs",
    "/providers",
    "/models",
    "/routing",
    "/playground",
    "/keys",
    "/teams",
    "/customers",
    "/settings",
  ]) {
    await visit.open(path);
    const seen = new Set();
    for (let stop = 0; stop < 40; stop += 1) {
      await page.keyboard.press("Tab");
      const at = await page.evaluate(() => {
        const has = document.activeElement;
        if (!has || has === document.body) return { name: "", shown: true };
        const style = getComputedStyle(has);
        const shown =
          style.outlineStyle !== "none" || style.boxShadow !== "none" || has.matches("input, textarea, select");
        const own = has.getAttribute("aria-label") ?? has.textContent ?? "";
        return {
          name: own.trim() || has.getAttribute("placeholder") || has.labels?.[0]?.textContent || has.tagName,
          shown,
          html: has.outerHTML.slice(0, 160),
        };
      });
      holds(`${path}: the focus is seen on ${at.html}`, at.shown);
      seen.add(at.name);
    }
    holds(`${path}: only ${[...seen].join(", ")} can be reached`, seen.size > 12);
  }
  await visit.leave();
});

check("the theme is chosen, kept, and follows the system where that is wished", async (browser) => {
  const visit = await visitor(browser, PLACES.demo, { theme: "light" });
  const { page } = visit;
  const shown = () => page.evaluate(() => document.documentElement.dataset.theme);
  await visit.open("/overview");
  await page.getByRole("button", { name: "Theme" }).click();
  await page
    .getByRole("menuitemradio", { name: "Dark" })
    .or(page.getByRole("menuitemcheckbox", { name: "Dark" }))
    .or(page.getByRole("menuitem", { name: "Dark" }))
    .first()
    .click();
  same("the theme", await shown(), "dark");
  await page.reload();
  same("the theme after a reload", await shown(), "dark");
  await visit.leave();
});

check("on a phone the menu opens, goes to a page, and closes", async (browser) => {
  const visit = await visitor(browser, PLACES.demo, { size: PHONE });
  const { page } = visit;
  await visit.open("/overview");
  await page.getByRole("button", { name: "Open the menu" }).click();
  await page.getByRole("dialog", { name: "Menu" }).getByRole("link", { name: "Virtual keys" }).click();
  await page.getByRole("heading", { level: 1, name: "Virtual keys" }).waitFor();
  await page.getByRole("dialog").waitFor({ state: "detached" });
  await visit.leave();
});
