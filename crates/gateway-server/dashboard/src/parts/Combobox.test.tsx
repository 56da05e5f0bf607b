import { QueryClient, QueryClientProvider } from "@tanstack/react-query";
import { act, useState } from "react";
import { createRoot } from "react-dom/client";
import { expect, it } from "vitest";
import { MultiCombobox } from "./Combobox";

let chosen: readonly string[] = [];

function Held() {
  const [value, setValue] = useState<string[]>(["gpt-4o"]);
  chosen = value;
  const options = ["gpt-4o", "gpt-4o-mini", "claude"].map((name) => ({ value: name }));
  return <MultiCombobox aria-label="Models" value={value} onChange={setValue} options={options} />;
}

function show(): HTMLInputElement {
  globalThis.IS_REACT_ACT_ENVIRONMENT = true;
  const place = document.body.appendChild(document.createElement("div"));
  act(() =>
    createRoot(place).render(
      <QueryClientProvider client={new QueryClient()}>
        <Held />
      </QueryClientProvider>,
    ),
  );
  const input = place.querySelector("input");
  if (!input) throw new Error("there is no field");
  act(() => input.focus());
  return input;
}

function type(input: HTMLInputElement, text: string): void {
  const set = Object.getOwnPropertyDescriptor(HTMLInputElement.prototype, "value")?.set;
  act(() => {
    set?.call(input, text);
    input.dispatchEvent(new Event("input", { bubbles: true }));
  });
}

function press(input: HTMLInputElement, key: string): void {
  act(() => void input.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })));
}

it("offers what is not chosen yet, and takes it by keyboard", () => {
  const input = show();
  type(input, "gpt");
  const offered = [...document.querySelectorAll("[role=option]")].map((option) => option.textContent);
  expect(offered).toEqual(["gpt-4o-mini"]);
  press(input, "ArrowDown");
  press(input, "Enter");
  expect(chosen).toEqual(["gpt-4o", "gpt-4o-mini"]);
});

it("takes any text, and gives the last one back with Backspace", () => {
  const input = show();
  type(input, "my-own,");
  expect(chosen).toEqual(["gpt-4o", "my-own"]);
  press(input, "Backspace");
  expect(chosen).toEqual(["gpt-4o"]);
});
