import { describe, expect, it } from "vitest";
import { rangeName, spanOf } from "./time";

const now = new Date("2026-11-23T12:00:00Z");

describe("a range of time", () => {
  it("reaches back from now", () => {
    expect(spanOf({ range: "24h" }, now)).toEqual({ from: new Date("2026-11-22T12:00:00Z"), to: now });
  });

  it("has the ends that a link names", () => {
    const span = spanOf({ range: "custom", from: "2026-11-01T00:00:00Z", to: "2026-11-02T00:00:00Z" }, now);
    expect(span).toEqual({ from: new Date("2026-11-01T00:00:00Z"), to: new Date("2026-11-02T00:00:00Z") });
  });

  it("puts ends in order that are the wrong way round", () => {
    const span = spanOf({ range: "custom", from: "2026-11-02T00:00:00Z", to: "2026-11-01T00:00:00Z" }, now);
    expect(span.from < span.to).toBe(true);
  });

  it("falls back where a custom range has no beginning", () => {
    expect(rangeName({ range: "custom", from: "yesterday" }, "7d")).toBe("7d");
  });
});
