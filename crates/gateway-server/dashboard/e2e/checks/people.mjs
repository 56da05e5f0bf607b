// Who may do what: signing in, and what a viewer is told.

import { PLACES, send } from "../api.mjs";
import { visitor } from "../browser.mjs";
import { check, holds } from "../runner.mjs";

const PASSWORD = "long enough for a test";

/** Makes the users once. From then on the gateway asks everybody who they are. */
let made;
function people() {
  made ??= (async () => {
    const user = (username, role) => ({ username, role, password: PASSWORD });
    const admin = await send("POST", `${PLACES.gated}/api/users`, user("ada", "admin"));
    holds(admin.text, admin.status === 200);
    const token = await send("POST", `${PLACES.gated}/api/session/login`, { username: "ada", password: PASSWORD });
    const cookie = token.headers.get("set-cookie")?.split(";")[0] ?? "";
    const viewer = await send("POST", `${PLACES.gated}/api/users`, user("vic", "viewer"), {
      cookie,
      origin: PLACES.gated,
    });
    holds(viewer.text, viewer.status === 200);
  })();
  return made;
}

async function signIn(visit, name, password = PASSWORD) {
  const { page } = visit;
  await page.getByLabel("Name", { exact: true }).fill(name);
  await page.getByLabel("Password", { exact: true }).fill(password);
  await page.getByRole("button", { name: "Sign in" }).click();
}

check(
  "a gateway with users asks who one is, tells a wrong password, and goes on to where one wanted to go",
  async (browser) => {
    await people();
    const visit = await visitor(browser, PLACES.gated, { expects: [/401/] });
    const { page } = visit;
    await page.goto(`${PLACES.gated}/ui/keys`);
    await page.waitForURL(/\/ui\/login/);
    await signIn(visit, "ada", "not the password at all");
    await page
      .getByRole("alert")
      .or(page.getByText(/password/i))
      .first()
      .waitFor();
    await signIn(visit, "ada");
    await page.getByRole("heading", { level: 1, name: "Virtual keys" }).waitFor();
    await page.getByRole("button", { name: /^ada/ }).click();
    await page.getByRole("menuitem", { name: "Sign out" }).click();
    await page.waitForURL(/\/ui\/login/);
    await visit.leave();
  },
);

check("a viewer cannot change things, and is told why", async (browser) => {
  await people();
  const visit = await visitor(browser, PLACES.gated, { expects: [/401/, /403/] });
  const { page } = visit;
  await page.goto(`${PLACES.gated}/ui/login`);
  await page.getByLabel("Name", { exact: true }).waitFor();
  await signIn(visit, "vic");
  await page.getByRole("button", { name: /^vic/ }).waitFor();
  for (const [path, button] of [
    ["/keys", "New virtual key"],
    ["/providers", "Add provider"],
    ["/routing", "Add rule"],
    ["/teams", "New team"],
  ]) {
    await visit.open(path);
    const add = page.getByRole("button", { name: button }).first();
    await add.waitFor();
    const disabled = (await add.isDisabled()) || (await add.getAttribute("aria-disabled")) === "true";
    holds(`${path}: “${button}” is disabled for a viewer`, disabled);
    const why = await add.getAttribute("aria-description");
    holds(`${path}: “${why}” names the role`, /operator|admin|viewer/i.test(why ?? ""));
  }
  await visit.leave();
});
