// Which fields an error of the API speaks of: "`budgets[0].max_limit`: -1 is no budget; write dollars, 0 or more".

export interface Faults {
  /** What is wrong with a field, by its path. */
  at: Readonly<Record<string, string>>;
  /** What names no field. */
  rest: string;
}

export const NO_FAULTS: Faults = { at: {}, rest: "" };

const FIELD = /^`([A-Za-z_][\w.[\]]*)`(?: of [^:]*)?(?::)?\s+([\s\S]+)$/;
/** Several faults stand in one sentence, each with its own path. */
const BETWEEN = /; (?=`[A-Za-z_][\w.[\]]*`(?: of [^:]*)?:)/;

/** Takes an error's words apart. */
export function faultsIn(message: string | undefined): Faults {
  if (!message) return NO_FAULTS;
  const at: Record<string, string> = {};
  const rest: string[] = [];
  for (const part of message.split(BETWEEN)) {
    const [, path, words] = FIELD.exec(part) ?? [];
    if (path && words) at[path] = at[path] ? `${at[path]}; ${words}` : sentence(words);
    else rest.push(part);
  }
  return { at, rest: rest.join("; ") };
}

/** The faults of what stands at a path, by the rest of theirs; a fault of the place itself is under the empty path. */
export function faultsAt(faults: Faults, path: string): Faults {
  const at: Record<string, string> = {};
  for (const [field, words] of Object.entries(faults.at)) {
    if (field === path) at[""] = words;
    else if (field.startsWith(`${path}.`)) at[field.slice(path.length + 1)] = words;
    else if (field.startsWith(`${path}[`)) at[field.slice(path.length)] = words;
  }
  return { at, rest: "" };
}

/** What no field of a form shows: the rest, and faults of fields other than these (or below them). */
export function unshown(faults: Faults, shown: readonly string[]): string {
  const isShown = (path: string) =>
    shown.some((field) => path === field || path.startsWith(`${field}.`) || path.startsWith(`${field}[`));
  const others = Object.entries(faults.at).filter(([path]) => !isShown(path));
  return [faults.rest, ...others.map(([path, words]) => `${path}: ${words}`)].filter(Boolean).join("; ");
}

function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
