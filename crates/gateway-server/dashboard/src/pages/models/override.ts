// A pricing override as its form holds it, and what is sent of that. The API takes dollars per token, as its users have them;
// people know dollars per million tokens.

import type { components } from "../../api/client";

export type Override = components["schemas"]["PricingOverride"];
export type OverrideChange = components["schemas"]["PricingOverrideChange"];
type Match = Override["match_type"];

/** The prices that the form has a field for, by their names in the API. */
export const PRICES = {
  input_cost_per_token: "Input",
  output_cost_per_token: "Output",
  cache_read_input_token_cost: "Cached input",
  cache_creation_input_token_cost: "Cache write",
} as const;

type Priced = keyof typeof PRICES;
const NAMES = Object.keys(PRICES) as Priced[];

export interface OverrideDraft {
  name: string;
  /** Empty: at every provider. */
  provider: string;
  pattern: string;
  match: NonNullable<Match>;
  from: string;
  until: string;
  requests: string[];
  /** Dollars per million tokens. */
  prices: Record<Priced, number | undefined>;
  /** Prices that the form has no field for, in dollars per unit, by their names in the API. */
  others: [string, string][];
}

const NO_PRICES: OverrideDraft["prices"] = {
  input_cost_per_token: undefined,
  output_cost_per_token: undefined,
  cache_read_input_token_cost: undefined,
  cache_creation_input_token_cost: undefined,
};

export function newOverride(provider = "", model = ""): OverrideDraft {
  return {
    name: "",
    provider,
    pattern: model,
    match: "exact",
    from: "",
    until: "",
    requests: [],
    prices: NO_PRICES,
    others: [],
  };
}

/** What is set, to be edited. */
export function draftOf(one: Override): OverrideDraft {
  const draft = newOverride(one.provider ?? "", one.model_pattern);
  const prices = { ...NO_PRICES };
  const others: [string, string][] = [];
  for (const [field, value] of Object.entries(one)) {
    if (typeof value !== "number") continue;
    const priced = NAMES.find((name) => name === field);
    if (priced) prices[priced] = tidy(value * 1e6);
    else others.push([field, String(value)]);
  }
  return {
    ...draft,
    name: one.name ?? "",
    match: one.match_type ?? "exact",
    from: one.effective_from ?? "",
    until: one.effective_until ?? "",
    requests: one.request_types ?? [],
    prices,
    others,
  };
}

/** What is sent. Prices that were there and are not any more are taken away. */
export function bodyOf(draft: OverrideDraft, before?: Override): OverrideChange {
  const body: Record<string, unknown> = {
    name: draft.name.trim() || null,
    provider: draft.provider.trim() || null,
    model_pattern: draft.pattern.trim(),
    match_type: draft.match,
    request_types: draft.requests,
    effective_from: draft.from.trim() || null,
    effective_until: draft.until.trim() || null,
  };
  for (const [field, value] of Object.entries(before ?? {})) if (typeof value === "number") body[field] = null;
  for (const name of NAMES) {
    const dollars = draft.prices[name];
    if (dollars !== undefined) body[name] = tidy(dollars / 1e6);
  }
  for (const [field, value] of draft.others) {
    if (field.trim()) body[field.trim()] = Number.isFinite(Number(value)) && value.trim() ? Number(value) : value;
  }
  // Fields that nobody knows are for the gateway to refuse: it says which.
  return body as OverrideChange;
}

/** Without what binary fractions leave behind: 2.5e-7 · 1e6 is 0.25. */
function tidy(value: number): number {
  return Number(value.toPrecision(12));
}
