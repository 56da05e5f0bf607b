// Numbers, money and times as people read them, in their own locale.

const numbers = new Intl.NumberFormat();
const compact = new Intl.NumberFormat(undefined, { notation: "compact", maximumFractionDigits: 1 });
const percents = new Intl.NumberFormat(undefined, { style: "percent", maximumFractionDigits: 1 });
const clock = new Intl.DateTimeFormat(undefined, { hour: "2-digit", minute: "2-digit", second: "2-digit" });
const calendar = new Intl.DateTimeFormat(undefined, { dateStyle: "medium", timeStyle: "medium" });
const nothing = "–";

export const count = (value) => (value == null ? nothing : numbers.format(value));

/** Short from ten thousand on. */
export const brief = (value) => (value >= 10_000 ? compact.format(value) : count(value));

export const percent = (part) => (part == null ? nothing : percents.format(part));

/** Dollars: cents for sums, enough digits to see anything at all for single calls. */
export function money(dollars) {
  if (dollars == null) return nothing;
  const size = Math.abs(dollars);
  const digits = size === 0 || size >= 1 ? 2 : Math.min(9, 3 - Math.floor(Math.log10(size)));
  return new Intl.NumberFormat(undefined, {
    style: "currency",
    currency: "USD",
    minimumFractionDigits: Math.min(digits, 2),
    maximumFractionDigits: digits,
  }).format(dollars);
}

export function millis(ms) {
  if (ms == null) return nothing;
  if (ms >= 10_000) return `${numbers.format(Math.round(ms / 100) / 10)} s`;
  return `${numbers.format(ms < 10 ? Math.round(ms * 10) / 10 : Math.round(ms))} ms`;
}

/** A local time, with the date where it is not today's; hovering shows it exactly. */
export function when(iso) {
  const time = document.createElement("time");
  const date = new Date(iso ?? NaN);
  if (Number.isNaN(date.getTime())) return nothing;
  const today = date.toDateString() === new Date().toDateString();
  time.dateTime = time.title = iso;
  time.textContent = (today ? clock : calendar).format(date);
  return time;
}

/** `key_refused` as "key refused". */
export const words = (code) => String(code ?? nothing).replaceAll("_", " ");
