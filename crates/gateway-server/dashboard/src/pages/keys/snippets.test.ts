import { describe, expect, it } from "vitest";
import { modelFor, snippets } from "./snippets";

const BASE = "https://gateway.example";
const code = (id: string, value?: string) =>
  snippets({ base: BASE, model: "gpt-4o", value }).find((snippet) => snippet.id === id)?.code ?? "";

describe("snippets", () => {
  it("hold the value while it may be shown, and a variable afterwards", () => {
    for (const id of ["curl", "python", "node", "anthropic"]) {
      expect(code(id, "sk-bf-1")).toContain("sk-bf-1");
      expect(code(id)).not.toContain("sk-bf-1");
      expect(code(id)).toContain("GATEWAY_KEY");
    }
    expect(code("curl")).toContain('"Authorization: Bearer $GATEWAY_KEY"');
    expect(code("python")).toContain('os.environ["GATEWAY_KEY"]');
    expect(code("python", "x")).not.toContain("import os");
    expect(code("node")).toContain("process.env.GATEWAY_KEY");
  });

  it("speak to this gateway, in each SDK's own way", () => {
    expect(code("curl")).toContain(`${BASE}/v1/chat/completions`);
    expect(code("node")).toContain(`"${BASE}/v1"`);
    expect(code("anthropic")).toContain(`"${BASE}/anthropic"`);
  });

  it("survive a value with quotes in it", () => {
    expect(code("curl", "it's")).toContain(`'Authorization: Bearer it'\\''s'`);
    expect(code("python", 'a"b')).toContain('"a\\"b"');
  });
});

describe("the model of a snippet", () => {
  it("is one that the key allows by name", () => {
    const wild = { allowed_models: ["gpt-*"], model_aliases: { "*": "gpt-4o-mini" } };
    expect(modelFor([wild])).toBeUndefined();
    expect(modelFor([wild, { allowed_models: ["llama"], model_aliases: {} }])).toBe("llama");
    expect(modelFor([{ allowed_models: [], model_aliases: { fast: "llama" } }])).toBe("fast");
  });
});
