// Time ranges and how they stand in the address: `?range=24h`, or `?range=custom&from=…&to=…` (RFC 3339).

import { oneOf, text } from "./search";

const MINUTE = 60_000;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

/** The ranges to choose from, and how far they reach back. */
export const RANGES = {
  live: { label: "Live", reaches: 15 * MINUTE, every: 2_000 },
  "1h": { label: "1 hour", reaches: HOUR, every: 15_000 },
  "24h": { label: "24 hours", reaches: DAY, every: 60_000 },
  "7d": { label: "7 days", reaches: 7 * DAY, every: 5 * MINUTE },
  "30d": { label: "30 days", reaches: 30 * DAY, every: 5 * MINUTE },
  "90d": { label: "90 days", reaches: 90 * DAY, every: 5 * MINUTE },
} as const;

export type RangeName = keyof typeof RANGES | "custom";

/** What a page with a range keeps in its address: spread it into `shape({ ...rangeSearch, … })`. */
export const rangeSearch = {
  range: oneOf("live", "1h", "24h", "7d", "30d", "90d", "custom"),
  from: text,
  to: text,
};

export interface RangeSearch {
  range?: RangeName;
  from?: string;
  to?: string;
}

/** A range with its ends as moments. */
export interface Span {
  from: Date;
  to: Date;
}

/** The range that an address names; the fallback where it names none, or a custom one without a beginning. */
export function rangeName(search: RangeSearch, fallback: RangeName = "24h"): RangeName {
  const name = search.range ?? fallback;
  return name === "custom" && !moment(search.from) ? fallback : name;
}

/** The ends of a range at a moment. */
export function spanOf(search: RangeSearch, now: Date, fallback: RangeName = "24h"): Span {
  const name = rangeName(search, fallback);
  if (name !== "custom") return { from: new Date(now.getTime() - RANGES[name].reaches), to: now };
  const from = moment(search.from) ?? new Date(now.getTime() - DAY);
  const to = moment(search.to) ?? now;
  return from <= to ? { from, to } : { from: to, to: from };
}

/** How often to ask anew while a range is open, in milliseconds; a custom one stands still. */
export function refetchEvery(name: RangeName): number | false {
  return name === "custom" ? false : RANGES[name].every;
}

/** A moment in RFC 3339, if it is one. */
export function moment(value: string | undefined): Date | undefined {
  const time = value ? Date.parse(value) : Number.NaN;
  return Number.isNaN(time) ? undefined : new Date(time);
}

/** For `<input type="datetime-local">`: local time without a zone. */
export function toLocalInput(date: Date): string {
  const local = new Date(date.getTime() - date.getTimezoneOffset() * MINUTE);
  return local.toISOString().slice(0, 16);
}
