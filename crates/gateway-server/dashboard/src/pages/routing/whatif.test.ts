import { expect, it } from "vitest";
import { asking, curl, pairs, withPair } from "./whatif";

it("asks nothing without a model", () => {
  expect(asking({ key: "vk" })).toBeUndefined();
});

it("asks as the address says", () => {
  const asked = asking({
    model: "m",
    key: "vk",
    tokens: 5000,
    stream: true,
    max: 100,
    header: ["x-tier: gold", "cookie: no", "bad name: no"],
    tag: ["env: a:b"],
    param: ["temperature: 0.2", "user: ann", "store: true"],
  });
  expect(asked?.query).toEqual({ virtual_key_id: "vk", input_tokens: 5000, seed: "1" });
  expect(asked?.headers).toEqual({ "x-tier": "gold", "x-bf-dim-env": "a:b" });
  expect(asked?.body).toMatchObject({
    model: "m",
    stream: true,
    max_tokens: 100,
    temperature: 0.2,
    user: "ann",
    store: true,
  });
  expect(asking({ model: "m" })?.query).toEqual({ operator: true, seed: "1" });
  expect(asking({ model: "m", anonymous: true, seed: "7" })?.query).toEqual({ seed: "7" });
});

it("keeps pairs of names and values in lines", () => {
  expect(withPair(["a: 1", "b: 2"], "A", "3")).toEqual(["b: 2", "A: 3"]);
  expect(withPair(["a: 1"], "a", "")).toBeUndefined();
  expect(pairs(withPair(undefined, "x", "y: z"))).toEqual([["x", "y: z"]]);
});

it("quotes what a shell would take apart", () => {
  const asked = asking({ model: "m", message: "it's $HOME", header: ["x-a: 'b'"] });
  const command = asked && curl(asked, "http://g", { key: true });
  expect(command).toContain(`-H 'x-a: '\\''b'\\'''`);
  expect(command).toContain(`it'\\''s $HOME`);
  expect(command).toContain("$GATEWAY_KEY");
});
