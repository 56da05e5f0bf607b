// Numbers, money, durations and times for people. Pure functions; the components of the same names are in parts/.

const NOTHING = "–";

type Maybe = number | null | undefined;

function known(value: Maybe): value is number {
  return typeof value === "number" && Number.isFinite(value);
}

const plain = new Intl.NumberFormat("en-US", { maximumFractionDigits: 2 });
const short = new Intl.NumberFormat("en-US", { notation: "compact", maximumFractionDigits: 1 });

/** 1,234,567; at most two decimals. */
export function count(value: Maybe): string {
  return known(value) ? plain.format(value) : NOTHING;
}

/** 1.2M; below ten thousand as it is. */
export function compact(value: Maybe): string {
  if (!known(value)) return NOTHING;
  return Math.abs(value) < 10_000 ? plain.format(value) : short.format(value);
}

/** A share of one as percents: 0.9934 → 99.3%. Never rounds up to 100% or down to 0%. */
export function percent(share: Maybe, decimals = 1): string {
  if (!known(share)) return NOTHING;
  const value = share * 100;
  const step = 10 ** -decimals;
  if (value > 0 && value < step) return `<${step}%`;
  const shown = value < 100 && value > 100 - step ? 100 - step : value;
  return `${Number(shown.toFixed(decimals))}%`;
}

/** Dollars. Small amounts keep two significant digits, so that $0.000123 is not $0.00. */
export function money(dollars: Maybe): string {
  if (!known(dollars)) return NOTHING;
  const size = Math.abs(dollars);
  const sign = dollars < 0 ? "-" : "";
  if (size === 0) return "$0.00";
  if (size >= 10_000) return `${sign}$${Math.round(size).toLocaleString("en-US")}`;
  if (size >= 1)
    return `${sign}$${size.toLocaleString("en-US", { minimumFractionDigits: 2, maximumFractionDigits: 2 })}`;
  if (size < 1e-9) return `${sign}<$0.000000001`;
  const decimals = Math.max(2, 2 - Math.floor(Math.log10(size)));
  return `${sign}$${trimZeros(size.toFixed(Math.min(decimals, 9)))}`;
}

/** All the digits that a nano-dollar amount has. */
export function exactMoney(dollars: Maybe): string {
  if (!known(dollars)) return NOTHING;
  const sign = dollars < 0 ? "-" : "";
  return `${sign}$${trimZeros(Math.abs(dollars).toFixed(9))}`;
}

/** Keeps two decimals at least: 0.120 → 0.12, 5 → 5.00. */
function trimZeros(digits: string): string {
  return digits.replace(/(\.\d\d\d*?)0+$/, "$1");
}

/** Milliseconds: 840 µs, 12.3 ms, 1.24 s, 2 m 5 s. */
export function duration(milliseconds: Maybe): string {
  if (!known(milliseconds)) return NOTHING;
  const value = Math.max(0, milliseconds);
  if (value === 0) return "0 ms";
  if (value < 1) return `${Math.round(value * 1000)} µs`;
  if (value < 100) return `${Number(value.toFixed(1))} ms`;
  if (value < 1000) return `${Math.round(value)} ms`;
  if (value < 60_000) return `${Number((value / 1000).toFixed(2))} s`;
  return longDuration(value / 1000);
}

const LONG: [string, number][] = [
  ["d", 86_400],
  ["h", 3_600],
  ["m", 60],
  ["s", 1],
];

/** Seconds, in the two largest units: 3 d 4 h, 12 m, 45 s. */
export function longDuration(seconds: Maybe): string {
  if (!known(seconds)) return NOTHING;
  let rest = Math.max(0, Math.round(seconds));
  const parts: string[] = [];
  for (const [unit, size] of LONG) {
    const amount = Math.floor(rest / size);
    if (amount > 0) parts.push(`${amount} ${unit}`);
    rest -= amount * size;
    if (parts.length === 2 || (parts.length === 1 && amount === 0)) break;
  }
  return parts.join(" ") || "0 s";
}

/** Bytes: 1.5 KB. */
export function bytes(value: Maybe): string {
  if (!known(value)) return NOTHING;
  const units = ["B", "KB", "MB", "GB", "TB"];
  let size = value;
  let unit = 0;
  while (Math.abs(size) >= 1000 && unit < units.length - 1) {
    size /= 1000;
    unit += 1;
  }
  return `${unit === 0 ? size : Number(size.toPrecision(3))} ${units[unit]}`;
}

/** How long ago or ahead: `just now`, `5 m ago`, `in 3 h`. */
export function relative(date: Date, now: Date): string {
  const seconds = (date.getTime() - now.getTime()) / 1000;
  if (Math.abs(seconds) < 5) return "just now";
  const [largest] = longDuration(Math.abs(seconds)).match(/^\d+ \w/) ?? ["0 s"];
  return seconds < 0 ? `${largest} ago` : `in ${largest}`;
}

/** The local time as a row of a table has it: the time alone today, else the day too. */
export function clock(date: Date, now: Date): string {
  const time = date.toLocaleTimeString("en-GB", { hour: "2-digit", minute: "2-digit", second: "2-digit" });
  return sameDay(date, now) ? time : `${day(date, now)} ${time}`;
}

/** The local day: `23 Nov`, with the year where it is another one. */
export function day(date: Date, now: Date): string {
  const year = date.getFullYear() === now.getFullYear() ? undefined : "numeric";
  return date.toLocaleDateString("en-GB", { day: "numeric", month: "short", year });
}

/** The exact local time with its zone, for what is shown on hover. */
export function exactTime(date: Date): string {
  const local = date.toLocaleString("en-GB", {
    weekday: "short",
    day: "numeric",
    month: "short",
    year: "numeric",
    hour: "2-digit",
    minute: "2-digit",
    second: "2-digit",
    fractionalSecondDigits: 3,
    timeZoneName: "short",
  });
  return `${local} · ${date.toISOString()}`;
}

function sameDay(one: Date, other: Date): boolean {
  return one.toDateString() === other.toDateString();
}

/** `1 key`, `3 keys`. */
export function plural(amount: number, one: string, many = `${one}s`): string {
  return `${count(amount)} ${amount === 1 ? one : many}`;
}

/** What a chart's or a figure's numbers are, and how they are written on an axis and in full. */
export const UNITS = {
  count: { axis: compact, full: count },
  tokens: { axis: compact, full: (value: Maybe) => `${count(value)} tokens` },
  money: { axis: money, full: money },
  percent: { axis: (value: Maybe) => percent(value, 1), full: (value: Maybe) => percent(value, 2) },
  ms: { axis: duration, full: duration },
  bytes: { axis: bytes, full: bytes },
} as const;

export type Unit = keyof typeof UNITS;
