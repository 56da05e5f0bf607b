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
  await page.getByRole("button", { name: "vLLM" }).click();
  const provider = page.getByRole("dialog", { name: "Add vLLM" });
  await provider.getByLabel("Base URL").fill(PLACES.llama);
  await provider
    .getByLabel(/^(API key|Value)/)
    .first()
    .fill(PLACES.llamaKey);
  await provider.getByRole("button", { name: "Add provider" }).click();
  await page.getByRole("list", { name: "Providers that are there" }).getByRole("link", { name: "vllm" }).waitFor();

  // The rest without the mouse.
  await page.getByRole("button", { name: "Create a virtual key" }).focus();
  await page.keyboard.press("Enter");
  const key = page.getByRole("dialog", { name: "New virtual key" });
  await key.waitFor();
  await page.keyboard.type("first");
  await page.keyboard.press("Enter");
  await key.waitFor({ state: "detached" });

  const step = page.getByRole("listitem", { name: "Make a call" });
  await step.getByText("Waiting for the first call").waitFor();
  const snippet = await step
    .getByText(/^curl /)
    .first()
    .textContent();
  holds(`the snippet names the model: ${snippet}`, snippet.includes("tiny"));
  const { stdout } = await promisify(execFile)("sh", ["-c", snippet]);
  holds(stdout, stdout.includes("chat.completion"));
  await step.getByText(/answered as tiny/).waitFor();
  await step.getByRole("link", { name: "Open it in the log" }).click();
  await page.getByRole("region", { name: "Attempts" }).getByText("vllm", { exact: true }).first().waitFor();
  await visit.leave();
});
