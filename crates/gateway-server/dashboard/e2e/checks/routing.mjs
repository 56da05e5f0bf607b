// Rules and plans: what is wrong is told while it is typed, and what would happen is what then happens.

import { chat, PLACES, row, send } from "../api.mjs";
import { visitor } from "../browser.mjs";
import { check, holds, same } from "../runner.mjs";

check("the condition of a rule is checked while it is typed", async (browser) => {
  const visit = await visitor(browser, PLACES.demo);
  const { page } = visit;
  await visit.open("/routing");
  await page.getByRole("button", { name: "Add rule" }).first().click();
  const form = page.getByRole("dialog", { name: "New rule" });
  await form
    .getByLabel("Name", { exact: true })
    .first()
    .fill(`tried ${Date.now() % 100000}`);
  const when = form.getByLabel("When", { exact: true });
  await when.fill('modle == "x"');
  await form
    .getByText(/unknown name `modle`/)
    .first()
    .waitFor();
  holds("the field says that it is wrong", (await when.getAttribute("aria-invalid")) === "true");
  holds(
    "it cannot be saved",
    await form
      .getByRole("button", { name: /^(Save|Create|Add)/ })
      .last()
      .isDisabled()
      .catch(() => true),
  );
  await when.fill('model == "x"');
  await form
    .getByText(/unknown name/)
    .first()
    .waitFor({ state: "detached" });
  await visit.leave();
});

check("what would happen is what then happens", async (browser) => {
  const visit = await visitor(browser, PLACES.demo);
  const { page } = visit;
  // One entry above 0 with one key, the others in listed order: nothing is drawn.
  const made = await send("POST", `${PLACES.demo}/api/governance/virtual-keys`, {
    name: `certain ${Date.now() % 100000}`,
    provider_configs: [
      {
        provider: "gemini",
        weight: 1,
        allowed_models: ["gemini-2.5-flash"],
        key_ids: ["gemini-a"],
        model_aliases: { certain: "gemini-2.5-flash" },
      },
      {
        provider: "openai",
        weight: 0,
        allowed_models: ["gpt-4.1-nano"],
        key_ids: ["openai-prod"],
        model_aliases: { certain: "gpt-4.1-nano" },
      },
      { provider: "ollama-lab", weight: 0, allowed_models: ["qwen2.5:7b"], model_aliases: { certain: "qwen2.5:7b" } },
    ],
  });
  const { id, value } = made.json.virtual_key;
  await visit.open(`/routing?tab=what-if&key=${id}&model=certain`);
  const table = page.getByRole("table", { name: "Candidates in the order of trial" });
  await table.getByRole("row").nth(3).waitFor();
  const told = await table.getByRole("rowheader").allInnerTexts();
  const where = told.map((text) => text.split("\n")[0].trim());
  const answer = await chat(PLACES.demo, value, { model: "certain", messages: [{ role: "user", content: "Hello" }] });
  holds(answer.text, answer.status === 200);
  const happened = await row(PLACES.demo, answer.headers.get("x-gateway-request-id"));
  const picks = happened.plan.picks.map(({ deployment }) => `${deployment.provider}/${deployment.model}`);
  same("the candidates in their order", where, picks);
  same("who answered", `${happened.provider}/${happened.model}`, picks[0]);
  await visit.leave();
});
