// Prices of models for people: dollars per million tokens, what is free, and what nobody knows.

import type { ReactElement } from "react";
import type { components } from "../../api/client";
import { exactMoney, money } from "../../lib/format";

export type ModelPrice = components["schemas"]["ModelPrice"];

/** Dollars per million tokens of a class; 0 where the model is free, nothing where none are charged or known. */
export function priceOf(price: ModelPrice, kind: string): number | undefined {
  if (price.status === "free") return 0;
  if (price.status === "unknown" || !price.per_million_tokens) return undefined;
  // A class that is not charged is left out, as the output of what only reads.
  return price.per_million_tokens[kind];
}

/** Dollars per million tokens. */
export function Rate({ value }: { value: number | undefined }): ReactElement {
  if (value === undefined) {
    return (
      <span className="faint" title="No price per token">
        –
      </span>
    );
  }
  if (value === 0) return <span className="soft">free</span>;
  return (
    <data value={value} title={`${exactMoney(value)} per million tokens`}>
      {money(value)}
    </data>
  );
}

/** Who says what it costs, in words. */
export function sourceOf(price: ModelPrice): string {
  const { priced_by: by, status } = price;
  if (typeof by === "object") return isOwn(by.override) ? "the provider's own price list" : "a price set here";
  if (by === "provider") return "the provider's own answers";
  if (by === "unknown" || status === "unknown") return "nobody: the setting for unknown prices holds";
  return status === "free" ? "self-hosted: costs nothing" : "catalogue";
}

/** The override that holds, if one does. */
export function overrideOf(price: ModelPrice): string | undefined {
  const by = price.priced_by;
  return typeof by === "object" && !isOwn(by.override) ? by.override : undefined;
}

/** Entries of a provider's own list are called by its name and their place: `openai/000`. */
function isOwn(id: string): boolean {
  return id.includes("/");
}

const CLASSES: Record<string, string> = {
  input: "Input",
  cache_read: "Cached input",
  cache_read_audio: "Cached input, audio",
  cache_write: "Cache write",
  cache_write_hour: "Cache write, one hour",
  input_audio: "Input, audio",
  input_image: "Input, pictures",
  output: "Output",
  reasoning: "Reasoning",
  output_audio: "Output, audio",
  output_image: "Output, pictures",
};

const UNITS: Record<string, string> = {
  request: "request",
  character: "character",
  image: "picture",
  second: "second",
  search: "search",
};

/** What a class of tokens is called. */
export function className(kind: string): string {
  return CLASSES[kind] ?? kind.replaceAll("_", " ");
}

/** The classes of tokens in their usual order. */
export function inOrder(kinds: Iterable<string>): string[] {
  const order = Object.keys(CLASSES);
  const place = (kind: string) => (order.indexOf(kind) + 1 || order.length + 1) - 1;
  return [...new Set(kinds)].sort((one, other) => place(one) - place(other));
}

export function unitName(measure: string): string {
  return UNITS[measure] ?? measure.replaceAll("_", " ");
}

/** Whether a class costs in every case what the class it belongs to costs. */
export function follows(kind: string, all: readonly (Record<string, number> | null | undefined)[]): boolean {
  if (kind === "input" || kind === "output") return false;
  const base = kind.startsWith("output") || kind === "reasoning" ? "output" : "input";
  return all.every((rates) => !rates || rates[kind] === rates[base]);
}
