// What happens while one looks: a key that is made and used, a budget that runs out, a provider that fails.

import { chat, demoKey, get, PLACES, row, send } from "../api.mjs";
import { visitor } from "../browser.mjs";
import { check, eventually, holds } from "../runner.mjs";

const QUESTION = "How long does delivery to Graz take, and is express worth it for a kettle?";

/** Makes a key by the form, and gives what is shown once. */
async function madeByForm(visit, name, fill = async () => {}) {
  const { page } = visit;
  await visit.open("/keys");
  await page.getByRole("button", { name: "New virtual key" }).first().click();
  const form = page.getByRole("dialog", { name: "New virtual key" });
  await form.getByLabel("Name", { exact: true }).first().fill(name);
  await fill(form);
  await form.getByRole("button", { name: "Create key" }).click();
  const once = page.getByRole("dialog", { name: `${name} is ready` });
  const value = await once
    .getByText(/^sk-bf-\S+$/)
    .first()
    .textContent();
  await once.getByRole("button", { name: "I have copied it" }).click();
  return value;
}

check("a key is made, used, and its call is seen in the log as it happens", async (browser) => {
  const visit = await visitor(browser, PLACES.demo);
  const { page } = visit;
  const key = await madeByForm(visit, `checkout ${Date.now() % 100000}`);
  // What was made is open; behind it is the list.
  await page.keyboard.press("Escape");
  await page.getByRole("navigation", { name: "Pages" }).getByRole("link", { name: "Logs" }).click();
  await visit.settled();
  const table = page.getByRole("table", { name: "Log of requests" });
  await table.getByRole("row").nth(1).waitFor();
  const answer = await chat(PLACES.demo, key, {
    model: "vllm-eu/meta-llama/Llama-3.3-70B-Instruct",
    messages: [{ role: "user", content: QUESTION }],
  });
  holds(answer.text, answer.status === 200);
  const id = answer.headers.get("x-gateway-request-id");
  const said = answer.json.choices[0].message.content;
  const arrived = page.locator(`tr[data-key="${id}"]`);
  await arrived.waitFor();
  await arrived.click();
  const opened = page.getByRole("dialog");
  await opened.getByRole("region", { name: "What was said" }).getByText("Graz", { exact: false }).first().waitFor();
  await opened.getByRole("region", { name: "What was said" }).getByText(said.slice(0, 40)).first().waitFor();
  const { token_usage: used } = await row(PLACES.demo, id);
  const bill = opened.getByRole("region", { name: "Tokens and cost" });
  await bill
    .getByText(new RegExp(`\\b${used.prompt_tokens}\\b`))
    .first()
    .waitFor();
  await opened.getByRole("region", { name: "Why this provider" }).getByText("vllm-eu").first().waitFor();
  await visit.leave();
});

check("a budget that runs out is shown as spent", async (browser) => {
  const visit = await visitor(browser, PLACES.demo);
  const { page } = visit;
  const name = `thrifty ${Date.now() % 100000}`;
  const made = await send("POST", `${PLACES.demo}/api/governance/virtual-keys`, {
    name,
    provider_configs: [{ provider: "openai", allowed_models: ["gpt-4.1"] }],
    budget: { max_limit: 0.0015, reset_duration: "1d" },
  });
  const { id, value } = made.json.virtual_key;
  const spend = () => chat(PLACES.demo, value, { model: "gpt-4.1", messages: [{ role: "user", content: QUESTION }] });
  await eventually("the budget refuses a call", async () => (await spend()).status === 402);
  await visit.open(`/keys?open=${id}`);
  const meter = page
    .getByRole("dialog")
    .getByRole("meter", { name: /budget/i })
    .first();
  await meter.waitFor();
  const share = await meter.evaluate((bar) => Number(bar.ariaValueNow) / Number(bar.ariaValueMax));
  holds(`${share} of the budget is shown as used`, share > 0.8);
  await page.keyboard.press("Escape");
  await page.getByRole("row", { name }).first().waitFor();
  await page.goto(`${PLACES.demo}/ui/logs?key=${id}`);
  await page.getByText("402").first().waitFor();
  await visit.leave();
});

check("a failover is drawn in the waterfall: who failed, why, and who answered", async (browser) => {
  const visit = await visitor(browser, PLACES.demo);
  const { page } = visit;
  const { json } = await get(PLACES.demo, "/api/logs?limit=1000");
  const failed = json.logs.find(
    (one) => one.status === "success" && one.attempts.length > 1 && one.attempts[0].outcome === "failed",
  );
  await visit.open(`/logs/${failed.id}`);
  const attempts = page.getByRole("list", { name: /^Attempts over/ });
  const [first, second] = [attempts.getByRole("listitem").nth(0), attempts.getByRole("listitem").nth(1)];
  await first.getByText(failed.attempts[0].provider, { exact: true }).waitFor();
  await first.getByText(String(failed.attempts[0].status_code)).first().waitFor();
  await second.getByText(failed.attempts[1].provider, { exact: true }).waitFor();
  const box = async (item) => item.getByRole("img").boundingBox();
  holds("both attempts have a bar", (await box(first)) && (await box(second)));
  await page.getByRole("region", { name: "Why this provider" }).getByText(/^So /).waitFor();
  await visit.leave();
});

check("rows that arrive are counted while one reads on, and shown on request", async (browser) => {
  const visit = await visitor(browser, PLACES.demo);
  const { page } = visit;
  await visit.open("/logs");
  await page.getByRole("button", { name: "Pause" }).click();
  const answer = await chat(PLACES.demo, demoKey("notebooks"), {
    model: "auto",
    messages: [{ role: "user", content: QUESTION }],
  });
  const id = answer.headers.get("x-gateway-request-id");
  await row(PLACES.demo, id);
  const waiting = page.getByRole("button", { name: /new/i }).first();
  await waiting.waitFor();
  await page.getByRole("button", { name: "Resume" }).click();
  await page.locator(`tr[data-key="${id}"]`).waitFor();
  await visit.leave();
});
