import { describe, expect, it } from "vitest";
import { budgetWords, calendarEnd, canAlign, perWindow, resetWords, spanSeconds, spanWords } from "./windows";

const NOW = new Date("2026-11-23T15:30:00Z"); // a Monday

describe("windows in words", () => {
  it("says lengths as people do", () => {
    expect(spanWords("1d")).toBe("day");
    expect(spanWords("30d")).toBe("30 days");
    expect(spanWords("1h30m")).toBe("1 hour 30 minutes");
    expect(spanWords("soon")).toBe("soon");
    expect(perWindow("1M", true)).toBe("per calendar month");
    expect(perWindow("1M", false)).toBe("per month");
    expect(perWindow("3M", true)).toBe("per calendar quarter");
  });

  it("tells when the calendar begins anew, in UTC", () => {
    const ends = (span: string) => calendarEnd(span, NOW)?.toISOString();
    expect(ends("1d")).toBe("2026-11-24T00:00:00.000Z");
    expect(ends("1w")).toBe("2026-11-30T00:00:00.000Z");
    expect(ends("1M")).toBe("2026-12-01T00:00:00.000Z");
    expect(ends("1Q")).toBe("2027-01-01T00:00:00.000Z");
    expect(ends("1Y")).toBe("2027-01-01T00:00:00.000Z");
    expect(ends("5h")).toBeUndefined();
    expect(calendarEnd("1w", new Date("2026-11-29T23:59:59Z"))?.toISOString()).toBe("2026-11-30T00:00:00.000Z");
  });

  it("puts a budget into one sentence", () => {
    expect(budgetWords({ limit: 100, span: "1M", aligned: true }, NOW)).toBe(
      "$100.00 per calendar month, resets 1 December 00:00 UTC",
    );
    expect(budgetWords({ limit: 5, span: "1d", aligned: false }, NOW)).toBe(
      "$5.00 per day, counted from the first use, then anew after 1 day",
    );
    expect(budgetWords({ limit: 0, span: "1d", aligned: false }, NOW)).toMatch(/^Only what costs nothing per day/);
    expect(resetWords("1Y", true, NOW)).toBe("resets 1 January 2027 00:00 UTC");
  });

  it("knows lengths, and what the calendar has", () => {
    expect(spanSeconds("1h30m")).toBe(5400);
    expect(spanSeconds("1 hour")).toBeUndefined();
    expect(canAlign("1Q")).toBe(true);
    expect(canAlign("2d")).toBe(false);
  });
});
