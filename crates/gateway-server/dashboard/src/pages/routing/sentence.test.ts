import { describe, expect, it } from "vitest";
import { conditionWords, ruleSentence } from "./sentence";

const to = (weight: number, provider?: string, model?: string) => ({
  weight,
  ...(provider && { provider }),
  ...(model && { model }),
});

describe("a rule as a sentence", () => {
  it("says when, where to and what else", () => {
    const rule = {
      cel_expression: 'model.startsWith("gpt-4") && tokens_used > 80',
      targets: [to(0.7, "vllm-eu", "llama"), to(0.3, "openai", "gpt-4o-mini")],
      fallbacks: ["vllm-us/", { provider: "azure", key_id: "k2" }],
    };
    expect(ruleSentence(rule)).toBe(
      "When model starts with gpt-4 and tokens_used is over 80 → 70% vllm-eu/llama, 30% openai/gpt-4o-mini; " +
        "else vllm-us (same model), then azure (same model), key k2",
    );
  });

  it("says that a rule without a condition always fits", () => {
    expect(ruleSentence({ cel_expression: " // all of them\n", targets: [to(1, undefined, "m")] })).toBe("Always → m");
  });

  it("shows shares as they are used, whatever weights sum to", () => {
    expect(ruleSentence({ cel_expression: "", targets: [to(3, "a"), to(1, "b")] })).toBe(
      "Always → 75% a (same model), 25% b (same model)",
    );
  });

  it.each([
    [
      'headers["X-Tier"] == "gold" || tags.env in ["dev", "test"]',
      "header X-Tier is gold or tag env is one of dev, test",
    ],
    ["!(stream) && params.temperature >= 0.5", "not (stream) and parameter temperature is at least 0.5"],
    ["model == 'it\\'s \"new\"'", 'model is it\'s "new"'],
    ["stream == true", "stream is true"],
  ])("%s", (cel, words) => {
    expect(ruleSentence({ cel_expression: cel, targets: [to(1, "p")] })).toBe(`When ${words} → p (same model)`);
  });

  it("leaves what words cannot say as it is written", () => {
    for (const cel of [
      "stream ? true : false",
      "size(model) > 3",
      'headers.exists(h, h == "x")',
      "tags[model] == 'a'",
      "€",
    ]) {
      expect(conditionWords(cel), cel).toBeUndefined();
      expect(ruleSentence({ cel_expression: cel, targets: [to(1, "p")] })).toContain(cel);
    }
  });

  it("takes words inside of texts for what they are", () => {
    expect(conditionWords('model == "a && b in [c]"')).toEqual([
      { kind: "name", text: "model" },
      { kind: "word", text: "is" },
      { kind: "value", text: "a && b in [c]" },
    ]);
  });
});
