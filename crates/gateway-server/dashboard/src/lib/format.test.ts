import { describe, expect, it } from "vitest";
import * as format from "./format";

describe("money", () => {
  it.each([
    [0, "$0.00"],
    [0.000123, "$0.000123"],
    [0.0000001, "$0.0000001"],
    [0.000000001, "$0.000000001"],
    [0.0000000001, "<$0.000000001"],
    [0.1, "$0.10"],
    [0.12345, "$0.123"],
    [1.5, "$1.50"],
    [1234.567, "$1,234.57"],
    [98765.4, "$98,765"],
    [-2.5, "-$2.50"],
  ])("%d is %s", (dollars, shown) => {
    expect(format.money(dollars)).toBe(shown);
  });

  it("is exact where it has to be", () => {
    expect(format.exactMoney(0.012345678)).toBe("$0.012345678");
    expect(format.exactMoney(12)).toBe("$12.00");
  });
});

describe("percents", () => {
  it("do not claim all or nothing", () => {
    expect(format.percent(0.99999)).toBe("99.9%");
    expect(format.percent(0.00001)).toBe("<0.1%");
    expect(format.percent(1)).toBe("100%");
    expect(format.percent(0)).toBe("0%");
  });
});

describe("durations", () => {
  it.each([
    [0.25, "250 µs"],
    [12.34, "12.3 ms"],
    [840.4, "840 ms"],
    [1240, "1.24 s"],
    [125_000, "2 m 5 s"],
  ])("%d ms is %s", (value, shown) => {
    expect(format.duration(value)).toBe(shown);
  });

  it("are told in their two largest units", () => {
    expect(format.longDuration(90_061)).toBe("1 d 1 h");
    expect(format.longDuration(3600)).toBe("1 h");
    expect(format.longDuration(0)).toBe("0 s");
  });
});

describe("times", () => {
  const now = new Date("2026-11-23T12:00:00Z");

  it("are the time alone today, and with the day before", () => {
    expect(format.clock(new Date("2026-11-23T08:05:09Z"), now)).toBe("08:05:09");
    expect(format.clock(new Date("2026-11-20T08:05:09Z"), now)).toBe("20 Nov 08:05:09");
    expect(format.day(new Date("2025-11-20T08:05:09Z"), now)).toBe("20 Nov 2025");
  });

  it("are told from now", () => {
    expect(format.relative(new Date("2026-11-23T11:55:00Z"), now)).toBe("5 m ago");
    expect(format.relative(new Date("2026-11-25T12:00:00Z"), now)).toBe("in 2 d");
    expect(format.relative(now, now)).toBe("just now");
  });
});

describe("numbers", () => {
  it("that are not there are a dash", () => {
    expect([format.count(undefined), format.money(null), format.duration(Number.NaN)]).toEqual(["–", "–", "–"]);
  });

  it("are short on an axis", () => {
    expect([format.compact(9_999), format.compact(1_234_567)]).toEqual(["9,999", "1.2M"]);
    expect(format.bytes(1536)).toBe("1.54 KB");
  });
});
