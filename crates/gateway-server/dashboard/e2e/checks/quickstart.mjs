// From nothing to the first call, by mouse and keyboard, with a llama.cpp server behind the gateway.

import { execFile } from "node:child_process";
import { promisify } from "node:util";
import { PLACES } from "../api.mjs";
import { visitor } from "../browser.mjs";
import { check, holds } from "../runner.mjs";

check("the quick start: a provider, a key, a call, and the call is noticed", async (browser) => {
  const visit = await visitor(browser, PLACES.empty);
  const { page } = visit;
  await page.goto(`${PLACES.empty}/`);
  await page.waitForURL(/\/ui\/welcome/);
  await page.getByRole("button", { name: "Add a provider" }).click();
  await page.getByRole("dialog", { name: "Add a provider" }).getByRole("button", { name: /^vLLM/ }).click();
  const provider = page.getByRole("dialog", { name: "Add vLLM" });
  await provider.getByLabel("Base URL").fill(PLACES.llama);
  await provider
    .getByLabel(/^(API key|Value)/)
    .first()
    .fill(PLACES.llamaKey);
  await provider.getByRole("button", { name: "Add provider" }).click();
  await provider.waitFor({ state: "detached" });

  // The rest without the mouse.
  await page.getByRole("button", { name: /^Create a (virtual )?key/ }).focus();
  await page.keyboard.press("Enter");
  const key = page.getByRole("dialog", { name: "New virtual key" });
  await key.waitFor();
  await page.keyboard.type("first");
  await page.keyboard.press("Enter");
  await key.waitFor({ state: "detached" });
  // The value may be shown over the page first.
  const once = page.getByRole("button", { name: "I have copied it" });
  if (await once.isVisible().catch(() => false)) await page.keyboard.press("Escape");

  const step = page.getByRole("listitem").filter({ has: page.getByRole("heading", { name: "Make a call" }) });
  await step.getByText("Waiting for the first call").waitFor();
  const snippet = await step
    .getByText(/^curl /)
    .first()
    .textContent();
  holds(`the snippet names the model: ${snippet}`, snippet.includes("tiny"));
  const { stdout } = await promisify(execFile)("sh", ["-c", snippet]);
  holds(stdout, stdout.includes("chat.completion"));
  await step
    .getByText(/It works|answered as tiny/)
    .first()
    .waitFor();
  await step.getByRole("link", { name: /in the log/ }).click();
  await page.getByRole("region", { name: "Attempts" }).getByText("vllm", { exact: true }).first().waitFor();
  await visit.leave();
});
