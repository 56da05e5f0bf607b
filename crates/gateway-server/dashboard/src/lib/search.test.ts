import { describe, expect, it } from "vitest";
import { flag, list, number, oneOf, parseSearch, shape, someOf, stringifySearch, text, whole } from "./search";

const validate = shape({
  q: text,
  status: oneOf("ok", "error"),
  provider: list,
  page: whole,
  least: number,
  wide: flag,
  kinds: someOf("a", "b"),
});

describe("the address of a page", () => {
  it("comes back as it was written", () => {
    const search = {
      q: "a b&c",
      status: "ok" as const,
      provider: ["x", "y/z"],
      page: 2,
      least: 0.5,
      wide: true as const,
    };
    expect(validate(parseSearch(stringifySearch(search)))).toEqual(search);
  });

  it("keeps a list of one a list", () => {
    expect(validate(parseSearch("?provider=x"))).toEqual({ provider: ["x"] });
  });

  it("drops what a page does not know", () => {
    expect(validate(parseSearch("?status=weird&page=-1&least=abc&wide=no&other=1&kinds=c&q="))).toEqual({});
  });

  it("leaves out what is not set", () => {
    expect(stringifySearch({ q: "", page: undefined, wide: false, provider: [] })).toBe("");
  });
});
