import { describe, expect, it } from "vitest";
import { parseSearch, stringifySearch } from "../../lib/search";
import { apiFilters, apiQuery, chips, cleared, fits } from "./filters";
import { type LogsSearch, validateSearch } from "./search";
import type { LogRow } from "./types";

const span = { from: new Date("2026-11-23T00:00:00Z"), to: new Date("2026-11-23T12:00:00Z") };

const row = {
  provider: "openai",
  model: "gpt-4o-mini",
  requested_model: "fast",
  virtual_key_id: "vk-1",
  status: "error",
  error_details: { code: "rate_limited", origin: "upstream", message: "slow down" },
  hosting: "cloud",
  latency: 812.5,
  token_usage: null,
  cost: 0.000123,
  metadata: { env: "prod" },
  unpriced: false,
} as unknown as LogRow;

const search: LogsSearch = {
  range: "custom",
  provider: ["openai", "a,b".slice(0, 1)],
  status: ["error"],
  minLatency: 0.5,
  maxCost: 0.01,
  tag: ["env=prod", "a=b=c"],
  q: "slow down",
};

describe("filters of the log", () => {
  it("survive the way through an address", () => {
    const again = validateSearch(parseSearch(stringifySearch(search)));
    expect(again).toEqual(search);
    expect(validateSearch(parseSearch("?status=error&status=nonsense&minCost=x&unknown=1"))).toEqual({
      status: ["error"],
    });
  });

  it("are asked of the API by its names", () => {
    expect(apiQuery(search, span)).toEqual({
      start_time: "2026-11-23T00:00:00.000Z",
      end_time: "2026-11-23T12:00:00.000Z",
      providers: "openai,a",
      status: "error",
      min_latency: 0.5,
      max_cost: 0.01,
      metadata_env: "prod",
      metadata_a: "b=c",
      content_search: "slow down",
    });
    expect(apiFilters({})).toEqual({});
    expect(apiQuery({}, span), "what goes on until now has no end").toEqual({
      start_time: "2026-11-23T00:00:00.000Z",
    });
  });

  it("choose among rows that have just come as the API does", () => {
    expect(fits(row, {})).toBe(true);
    expect(fits(row, { model: ["fast"] }), "as asked for").toBe(true);
    expect(fits(row, { model: ["gpt-4o-mini"] }), "as served").toBe(true);
    expect(fits(row, { model: ["gpt-4o"] })).toBe(false);
    expect(fits(row, { code: ["rate_limited"], hosting: ["cloud"], tag: ["env=prod"] })).toBe(true);
    expect(fits(row, { tag: ["env=dev"] })).toBe(false);
    expect(fits(row, { team: ["red"] }), "it has none").toBe(false);
    expect(fits(row, { minLatency: 812.5, maxLatency: 812.5 })).toBe(true);
    expect(fits(row, { minTokens: 1 })).toBe(false);
    expect(fits(row, { unpriced: true })).toBe(false);
  });

  it("have a chip each, which takes away just that one", () => {
    const shown = chips(search, (_, id) => id.toUpperCase());
    expect(shown.map(({ name, value }) => `${name}: ${value}`)).toEqual([
      "Provider: OPENAI",
      "Provider: A",
      "Status: ERROR",
      "Latency: at least 500 µs",
      "Cost: at most $0.01",
      "Tag: env = prod",
      "Tag: a = b=c",
    ]);
    expect(shown[0]?.without).toEqual({ provider: ["a"] });
    expect(shown[2]?.without).toEqual({ status: undefined });
    expect(shown[3]?.without).toEqual({ minLatency: undefined, maxLatency: undefined });
  });

  it("go all at once, and leave the range and the order", () => {
    const rest = validateSearch(parseSearch(stringifySearch({ ...search, sort: "cost", ...cleared() })));
    expect(rest).toEqual({ range: "custom", sort: "cost" });
  });
});
