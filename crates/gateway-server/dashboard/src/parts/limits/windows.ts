// Windows of budgets and limits in words. The gateway writes them as `1h`, `30d`, `1M`; aligned ones follow the UTC
// calendar, the others begin with their first use.

import { money, plural } from "../../lib/format";

const UNITS: Record<string, { one: string; seconds: number }> = {
  ms: { one: "millisecond", seconds: 0.001 },
  s: { one: "second", seconds: 1 },
  m: { one: "minute", seconds: 60 },
  h: { one: "hour", seconds: 3_600 },
  d: { one: "day", seconds: 86_400 },
  w: { one: "week", seconds: 7 * 86_400 },
  M: { one: "month", seconds: 30 * 86_400 },
  Q: { one: "quarter", seconds: 90 * 86_400 },
  Y: { one: "year", seconds: 365 * 86_400 },
};

/** The usual windows. */
export const WINDOWS = ["1m", "1h", "1d", "1w", "1M", "1Q", "1Y"] as const;

interface Part {
  amount: number;
  unit: string;
}

/** Reads `1h30m`; undefined for what is no length of time. */
function parts(span: string): Part[] | undefined {
  const found = [...span.matchAll(/(\d+(?:\.\d+)?)(ms|[smhdwMQY])/g)];
  if (found.length === 0 || found.map(([whole]) => whole).join("") !== span) return undefined;
  return found.map(([, amount, unit]) => ({ amount: Number(amount), unit: unit ?? "" }));
}

/** How long a window lasts, in seconds; months as 30 days. */
export function spanSeconds(span: string): number | undefined {
  const all = parts(span);
  return all?.reduce((sum, { amount, unit }) => sum + amount * (UNITS[unit]?.seconds ?? 0), 0);
}

/** `day`, `30 days`, `1 hour 30 minutes`; as it is written where it is no length of time. */
export function spanWords(span: string): string {
  const all = parts(span);
  if (!all) return span;
  const [first] = all;
  if (all.length === 1 && first?.amount === 1) return UNITS[first.unit]?.one ?? span;
  return all.map(({ amount, unit }) => plural(amount, UNITS[unit]?.one ?? unit)).join(" ");
}

/** Whether the calendar has such a window. */
export function canAlign(span: string): boolean {
  return ["1d", "1w", "1M", "1Q", "3M", "1Y"].includes(span);
}

/** `per calendar month`, `per 30 days`. */
export function perWindow(span: string, aligned: boolean): string {
  if (!aligned) return `per ${spanWords(span)}`;
  return `per calendar ${span === "3M" ? "quarter" : spanWords(span)}`;
}

/** When the calendar window ends that a moment lies in. Weeks begin on Monday. */
export function calendarEnd(span: string, now: Date): Date | undefined {
  const [year, month, day] = [now.getUTCFullYear(), now.getUTCMonth(), now.getUTCDate()];
  switch (span) {
    case "1d":
      return new Date(Date.UTC(year, month, day + 1));
    case "1w":
      return new Date(Date.UTC(year, month, day + 7 - ((now.getUTCDay() + 6) % 7)));
    case "1M":
      return new Date(Date.UTC(year, month + 1, 1));
    case "1Q":
    case "3M":
      return new Date(Date.UTC(year, month - (month % 3) + 3, 1));
    case "1Y":
      return new Date(Date.UTC(year + 1, 0, 1));
    default:
      return undefined;
  }
}

/** `resets 1 December 00:00 UTC`, or how a rolling window goes. */
export function resetWords(span: string, aligned: boolean, now: Date): string {
  const end = aligned ? calendarEnd(span, now) : undefined;
  return end ? `resets ${utc(end, now)}` : `counted from the first use, then anew after ${lengthWords(span)}`;
}

/** `$100.00 per calendar month, resets 1 December 00:00 UTC`. */
export function budgetWords(budget: { limit: number; span: string; aligned: boolean }, now: Date): string {
  const { limit, span, aligned } = budget;
  const amount = limit === 0 ? "Only what costs nothing" : money(limit);
  return `${amount} ${perWindow(span, aligned)}, ${resetWords(span, aligned, now)}`;
}

/** `1 day`, where `spanWords` says `day`. */
function lengthWords(span: string): string {
  const words = spanWords(span);
  return /^\d/.test(words) ? words : `1 ${words}`;
}

function utc(date: Date, now: Date): string {
  const year = date.getUTCFullYear() === now.getUTCFullYear() ? undefined : "numeric";
  const day = date.toLocaleDateString("en-GB", { day: "numeric", month: "long", year, timeZone: "UTC" });
  return `${day} 00:00 UTC`;
}
