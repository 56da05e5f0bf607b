// What a page keeps in its address. A page says which parameters it knows; anything else is dropped, so that an old or
// mistyped link opens the page instead of breaking it.
//
//   export const validateSearch = shape({ q: text, status: oneOf("ok", "error"), provider: list, page: whole });

type Read<T> = (raw: string[]) => T | undefined;
type Shape = Record<string, Read<unknown>>;
export type Search<S extends Shape> = { [K in keyof S]?: S[K] extends Read<infer T> ? T : never };

/** Any text but the empty one. */
export const text: Read<string> = (raw) => raw[0] || undefined;

/** Several values: `?provider=a&provider=b`. */
export const list: Read<string[]> = (raw) => (raw.length > 0 ? raw : undefined);

/** A number. */
export const number: Read<number> = (raw) => {
  const value = Number(raw[0]);
  return raw[0] && Number.isFinite(value) ? value : undefined;
};

/** A whole number, not negative. */
export const whole: Read<number> = (raw) => {
  const value = number(raw);
  return value !== undefined && Number.isInteger(value) && value >= 0 ? value : undefined;
};

/** `true` or nothing: a switch that is off leaves no trace in the address. */
export const flag: Read<true> = (raw) => (raw[0] === "true" ? true : undefined);

/** One of those words. */
export function oneOf<const T extends string>(...words: T[]): Read<T> {
  return (raw) => words.find((word) => word === raw[0]);
}

/** Several of those words. */
export function someOf<const T extends string>(...words: T[]): Read<T[]> {
  return (raw) => {
    const known = words.filter((word) => raw.includes(word));
    return known.length > 0 ? known : undefined;
  };
}

/** Puts the parameters of a page together. */
export function shape<S extends Shape>(parts: S): (raw: Record<string, unknown>) => Search<S> {
  return (raw) => {
    const search: Record<string, unknown> = {};
    for (const [name, read] of Object.entries(parts)) {
      const value = read(strings(raw[name]));
      if (value !== undefined) search[name] = value;
    }
    return search as Search<S>;
  };
}

/** How the router reads a query string: every parameter once or several times, always text. */
export function parseSearch(query: string): Record<string, string | string[]> {
  const search: Record<string, string | string[]> = {};
  const params = new URLSearchParams(query);
  for (const name of new Set(params.keys())) {
    const values = params.getAll(name);
    search[name] = values.length > 1 ? values : (values[0] ?? "");
  }
  return search;
}

/** How the router writes one. What is undefined, empty or false is left out. */
export function stringifySearch(search: Record<string, unknown>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(search)) {
    if (value === false) continue;
    for (const part of strings(value)) params.append(name, part);
  }
  const query = params.toString();
  return query && `?${query}`;
}

function strings(value: unknown): string[] {
  if (value === undefined || value === null || value === "") return [];
  return (Array.isArray(value) ? value : [value]).map(String);
}
