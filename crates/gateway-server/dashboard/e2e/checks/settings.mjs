// A setting is changed, the change is seen as what it is, and taken back.

import { get, PLACES, send } from "../api.mjs";
import { visitor } from "../browser.mjs";
import { check, eventually, same } from "../runner.mjs";

const kept = async () => (await get(PLACES.demo, "/api/config")).json.client_config.log_retention_days;

check("a setting is changed, its difference is shown, and it is taken back", async (browser) => {
  const visit = await visitor(browser, PLACES.demo);
  const { page } = visit;
  const before = await kept();
  const wanted = before + 17;
  await visit.open("/settings");
  const days = page.getByLabel("Keep logs for").first();
  await days.fill(String(wanted));
  await page.getByRole("button", { name: "Save changes" }).click();
  await eventually("the setting holds", async () => (await kept()) === wanted);
  await page.getByRole("tab", { name: /revisions/i }).click();
  const revisions = page.getByRole("table", { name: "Revisions of the settings" });
  await revisions.getByRole("row").nth(1).click();
  const opened = page.getByRole("dialog", { name: /^Revision / });
  await opened.getByText(String(wanted)).first().waitFor();
  await opened.getByText(String(before)).first().waitFor();
  await page.keyboard.press("Escape");
  await revisions.getByRole("row").nth(2).click();
  await page.getByRole("button", { name: "Go back to this revision" }).click();
  const sure = page
    .getByRole("alertdialog")
    .or(page.getByRole("dialog", { name: /^Go back to revision/ }))
    .first();
  await sure.getByText(String(wanted)).first().waitFor();
  await sure.getByRole("button", { name: "Go back" }).click();
  await eventually("the setting is what it was", async () => (await kept()) === before);
  const { json } = await send("GET", `${PLACES.demo}/api/config/revisions?limit=1`);
  same("the newest revision is the way back", json.revisions[0].edits.length > 0, true);
  await visit.leave();
});
