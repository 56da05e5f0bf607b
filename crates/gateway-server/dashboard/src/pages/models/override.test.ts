import { describe, expect, it } from "vitest";
import { bodyOf, draftOf, newOverride, type Override } from "./override";

const contract = {
  id: "contract",
  origin: "api",
  provider: "openai",
  model_pattern: "gpt-4*",
  match_type: "wildcard",
  input_cost_per_token: 2.5e-7,
  input_cost_per_token_above_200k_tokens: 5e-7,
} as unknown as Override;

describe("an override's form", () => {
  it("has dollars per million where the API has dollars per token", () => {
    expect(draftOf(contract).prices.input_cost_per_token).toBe(0.25);
    const draft = newOverride("openai", "gpt-4o");
    draft.prices = { ...draft.prices, output_cost_per_token: 0.1 };
    expect(bodyOf(draft)).toMatchObject({ provider: "openai", model_pattern: "gpt-4o", output_cost_per_token: 1e-7 });
  });

  it("keeps prices that it has no field for", () => {
    expect(bodyOf(draftOf(contract), contract)).toMatchObject({
      input_cost_per_token: 2.5e-7,
      input_cost_per_token_above_200k_tokens: 5e-7,
    });
  });

  it("takes away what was emptied", () => {
    const draft = draftOf(contract);
    draft.prices = { ...draft.prices, input_cost_per_token: undefined };
    draft.others = [];
    expect(bodyOf(draft, contract)).toMatchObject({
      input_cost_per_token: null,
      input_cost_per_token_above_200k_tokens: null,
    });
  });

  it("sends what is no number as it was written, so that the gateway can say what is wrong", () => {
    const draft = { ...newOverride("", "m"), others: [["input_cost_per_query", "cheap"]] as [string, string][] };
    expect(bodyOf(draft)).toMatchObject({ input_cost_per_query: "cheap", provider: null });
  });
});
