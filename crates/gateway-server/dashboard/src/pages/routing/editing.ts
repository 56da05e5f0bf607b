// What the editor of conditions does with text: marks what is wrong, and completes what is being typed.

import type { components } from "../../api/client";

export type Fault = components["schemas"]["ConditionFault"];
export type Name = components["schemas"]["ConditionName"];

/** A stretch of text, and what is wrong with it. */
export interface Stretch {
  text: string;
  tone?: "bad" | "warn";
}

/** Cuts a text where faults begin and end. Places are in characters, as the gateway counts them, not in UTF-16 units. */
export function marked(text: string, errors: readonly Fault[], warnings: readonly Fault[]): Stretch[] {
  const characters = Array.from(text);
  const tones: (Stretch["tone"] | undefined)[] = characters.map(() => undefined);
  // What stands beyond the end is marked at the last character.
  const mark = (tone: "bad" | "warn") => (fault: Fault) => {
    const start = Math.min(fault.position, Math.max(0, characters.length - 1));
    const end = Math.max(start + 1, fault.end);
    for (let at = start; at < Math.min(end, characters.length); at += 1) tones[at] = tone;
  };
  warnings.forEach(mark("warn"));
  errors.forEach(mark("bad"));
  const stretches: Stretch[] = [];
  characters.forEach((character, at) => {
    const last = stretches.at(-1);
    const tone = tones[at];
    if (last && last.tone === tone) last.text += character;
    else stretches.push(tone ? { text: character, tone } : { text: character });
  });
  return stretches;
}

export interface Choice {
  /** What is put in. */
  text: string;
  /** What it is. */
  about: string;
}

const FUNCTIONS: Choice[] = [
  { text: '.startsWith("")', about: "whether a text begins so" },
  { text: '.endsWith("")', about: "whether a text ends so" },
  { text: '.contains("")', about: "whether a text holds another" },
  { text: '.matches("")', about: "whether a pattern fits" },
  { text: ".lowerAscii()", about: "the text in lower case" },
];

export interface Completing {
  /** Where the typed beginning starts, in UTF-16 units, as a text area counts. */
  start: number;
  choices: Choice[];
}

/** What may be meant by what is typed before the cursor. Nothing inside of a text, but for names that have a few values. */
export function complete(text: string, cursor: number, names: readonly Name[]): Completing | undefined {
  const before = text.slice(0, cursor);
  const open = /(?:(\w+)\s*(?:==|!=|in\s*\[(?:[^\]"]*"[^"]*",?)*)\s*)"([^"]*)$/.exec(before);
  if (open && !opensText(before.slice(0, before.length - (open[2] ?? "").length - 1))) {
    const values = names.find(({ name }) => name === open[1])?.values ?? [];
    const typed = open[2] ?? "";
    const choices = values.filter((value) => value.startsWith(typed) && value !== typed);
    return choices.length > 0
      ? {
          start: cursor - typed.length,
          choices: choices.map((value) => ({ text: value, about: `a value of ${open[1]}` })),
        }
      : undefined;
  }
  if (opensText(before)) return undefined;
  const method = /(?:[\w\])])(\.\w*)$/.exec(before);
  if (method) {
    const typed = method[1] ?? "";
    const owner = /(\w+)\.\w*$/.exec(before)?.[1];
    if (owner && names.some(({ name, type }) => name === owner && type.startsWith("map"))) return undefined;
    return some(
      cursor - typed.length,
      FUNCTIONS.filter((choice) => choice.text.startsWith(typed)),
    );
  }
  const typed = /[A-Za-z_]\w*$/.exec(before)?.[0] ?? "";
  if (!typed) return undefined;
  const fitting = names.filter(({ name }) => name.startsWith(typed) && name !== typed);
  return some(
    cursor - typed.length,
    fitting.map((name) => ({ text: insertion(name), about: `${name.type} · ${name.description}` })),
  );
}

/** All names, where somebody asks for them. */
export function allNames(cursor: number, names: readonly Name[]): Completing | undefined {
  return some(
    cursor,
    names.map((name) => ({ text: insertion(name), about: `${name.type} · ${name.description}` })),
  );
}

function some(start: number, choices: Choice[]): Completing | undefined {
  return choices.length > 0 ? { start, choices } : undefined;
}

/** Whether what comes next stands inside of a text: a quote is open. */
function opensText(before: string): boolean {
  let quote: string | undefined;
  for (let at = 0; at < before.length; at += 1) {
    const character = before[at];
    if (quote && character === "\\") at += 1;
    else if (character === quote) quote = undefined;
    else if (!quote && (character === '"' || character === "'")) quote = character;
  }
  return quote !== undefined;
}

/** How a name is written: a map with a place for its key. */
export function insertion({ name, type }: Name): string {
  return type.startsWith("map") ? `${name}[""]` : name;
}

/** A text with another put in, and where the cursor stands then: inside of empty quotes, where there are some. */
export function put(text: string, start: number, end: number, inserted: string): { text: string; cursor: number } {
  const inside = inserted.indexOf('""');
  return {
    text: text.slice(0, start) + inserted + text.slice(end),
    cursor: start + (inside < 0 ? inserted.length : inside + 1),
  };
}

/** Puts what is probably meant in the place of what is wrong. */
export function mend(text: string, fault: Fault): string {
  const characters = Array.from(text);
  characters.splice(fault.position, fault.end - fault.position, fault.instead ?? "");
  return characters.join("");
}
