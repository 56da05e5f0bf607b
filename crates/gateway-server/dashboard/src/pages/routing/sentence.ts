// A rule as a sentence: what a condition says in words, and where calls go.

import type { components } from "../../api/client";

type Rule = components["schemas"]["RoutingRule"];
type Target = Pick<components["schemas"]["RoutingTarget"], "provider" | "model" | "key_id">;
type Fallback = components["schemas"]["RoutingFallback"];

/** A piece of a sentence: a word of ours, a name that conditions may use, or a value that somebody wrote. */
export interface Piece {
  kind: "word" | "name" | "value";
  text: string;
}

const TOKEN =
  /\s+|\/\/[^\n]*|[rR]?"(?:\\.|[^"\\])*"|[rR]?'(?:\\.|[^'\\])*'|[A-Za-z_]\w*|\d+(?:\.\d+)?|&&|\|\||[=!<>]=|[-+*/%<>!?:.,()[\]{}]/g;

const WORDS: Record<string, string> = {
  "&&": "and",
  "||": "or",
  "!": "not",
  "==": "is",
  "!=": "is not",
  ">": "is over",
  "<": "is under",
  ">=": "is at least",
  "<=": "is at most",
  in: "is one of",
};

const METHODS: Record<string, string> = {
  startsWith: "starts with",
  endsWith: "ends with",
  contains: "contains",
  matches: "matches",
};

const MAPS: Record<string, string> = { headers: "header", tags: "tag", params: "parameter" };

/** What a condition says, in words; none where it says more than words can. An empty one is always true. */
export function conditionWords(cel: string): Piece[] | undefined {
  if (cel.replace(TOKEN, "").length > 0) return undefined;
  const tokens = cel.match(TOKEN)?.filter((token) => token.trim() && !token.startsWith("//")) ?? [];
  if (tokens.length === 0) return [{ kind: "word", text: "always" }];
  const pieces: Piece[] = [];
  const add = (kind: Piece["kind"], text: string) => pieces.push({ kind, text });
  const isText = (token: string | undefined) => token !== undefined && /^[rR]?["']/.test(token);
  for (let at = 0; at < tokens.length; at += 1) {
    const token = tokens[at] ?? "";
    const [next, then, last] = [tokens[at + 1], tokens[at + 2], tokens[at + 3]];
    const map = MAPS[token];
    if (map && next === "[" && isText(then) && last === "]") {
      add("name", `${map} ${unquoted(then ?? "")}`);
      at += 3;
    } else if (map && next === "." && then && last !== "(") {
      add("name", `${map} ${then}`);
      at += 2;
    } else if (token === "." && next && METHODS[next] && then === "(") {
      add("word", METHODS[next]);
      if (tokens[at + 4] !== ")") return undefined;
      add("value", unquoted(last ?? ""));
      at += 4;
    } else if (isText(token)) {
      add("value", unquoted(token));
    } else if (/^\d/.test(token)) {
      add("value", token);
    } else if (WORDS[token]) {
      add("word", WORDS[token]);
    } else if (token === "(" || token === ")") {
      add("word", token);
    } else if (token === "[" || token === "]" || token === ",") {
      if (token === ",") add("word", ",");
    } else if (/^[A-Za-z_]/.test(token) && next !== "(") {
      if (next === "[") return undefined;
      add(token === "true" || token === "false" ? "value" : "name", token);
    } else {
      return undefined;
    }
  }
  return pieces;
}

function unquoted(token: string): string {
  const raw = /^[rR]/.test(token);
  const inside = token.slice(raw ? 2 : 1, -1);
  return raw ? inside : inside.replace(/\\(["'\\])/g, "$1");
}

/** Where a target sends a call. What it does not say stays as it was asked. */
export function placeName({ provider, model, key_id: key }: Target): string {
  const place =
    provider && model ? `${provider}/${model}` : provider ? `${provider} (same model)` : (model ?? "as asked");
  return key ? `${place}, key ${key}` : place;
}

export function fallbackName(fallback: Fallback): string {
  if (typeof fallback !== "string") return placeName(fallback);
  return fallback.endsWith("/") ? `${fallback.slice(0, -1)} (same model)` : fallback;
}

/** Shares of targets as they are used: whatever their weights sum to. */
export function shares(targets: Rule["targets"]): number[] {
  const sum = targets.reduce((total, target) => total + Math.max(0, target.weight), 0);
  return targets.map((target) => (sum > 0 ? Math.max(0, target.weight) / sum : 0));
}

/** The whole rule as plain text, for screen readers and search. */
export function ruleSentence(rule: Pick<Rule, "cel_expression" | "targets" | "fallbacks">): string {
  const words = conditionWords(rule.cel_expression);
  const condition = words ? joined(words) : rule.cel_expression.trim();
  const always = words?.length === 1 && words[0]?.text === "always";
  const parts = shares(rule.targets);
  const to = rule.targets.map((target, index) => {
    const share = parts[index] ?? 0;
    return rule.targets.length > 1 ? `${Math.round(share * 100)}% ${placeName(target)}` : placeName(target);
  });
  const fallbacks = rule.fallbacks?.map(fallbackName) ?? [];
  const rest = fallbacks.length > 0 ? `; else ${fallbacks.join(", then ")}` : "";
  return `${always ? "Always" : `When ${condition}`} → ${to.join(", ")}${rest}`;
}

function joined(pieces: Piece[]): string {
  return pieces.reduce((text, { text: piece }) => {
    const tight = text === "" || text.endsWith("(") || piece === ")" || piece === ",";
    return tight ? text + piece : `${text} ${piece}`;
  }, "");
}
