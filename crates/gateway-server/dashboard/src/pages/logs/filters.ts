// What the log can be filtered by: how a filter stands in the address, how the API is asked for it, whether a row that has
// just come fits it, and what its chip says.

import { count, duration, exactMoney } from "../../lib/format";
import type { Span } from "../../lib/time";
import type { LogsSearch } from "./search";
import type { LogRow } from "./types";

/** Filters that are a list of names: by what they are called in the address, in the API, and in words. */
export const LISTS = {
  provider: { api: "providers", label: "Provider", of: (row) => [row.provider] },
  model: { api: "models", label: "Model", of: (row) => [row.model, row.requested_model] },
  key: { api: "virtual_key_ids", label: "Virtual key", of: (row) => [row.virtual_key_id] },
  team: { api: "team_ids", label: "Team", of: (row) => [row.team_id] },
  customer: { api: "customer_ids", label: "Customer", of: (row) => [row.customer_id] },
  status: { api: "status", label: "Status", of: (row) => [row.status] },
  code: { api: "error_codes", label: "Error", of: (row) => [row.error_details?.code] },
  hosting: { api: "hosting", label: "Hosting", of: (row) => [row.hosting] },
  object: { api: "objects", label: "Kind of request", of: (row) => [row.object, row.operation] },
  rule: { api: "routing_rule_ids", label: "Routing rule", of: (row) => [row.routing_rule_id] },
  upstream: { api: "selected_key_ids", label: "Provider key", of: (row) => [row.selected_key_id] },
} as const satisfies Record<string, { api: string; label: string; of: (row: LogRow) => (string | null | undefined)[] }>;

export type ListFilter = keyof typeof LISTS;

/** Filters by a figure, from and to. */
export const FIGURES = {
  Latency: { api: "latency", label: "Latency", unit: "ms", write: duration, of: (row) => row.latency },
  Tokens: {
    api: "tokens",
    label: "Tokens",
    unit: "",
    write: count,
    of: (row) => row.token_usage?.total_tokens ?? 0,
  },
  Cost: { api: "cost", label: "Cost", unit: "$", write: exactMoney, of: (row) => row.cost },
} as const satisfies Record<
  string,
  { api: string; label: string; unit: string; write: (value: number) => string; of: (row: LogRow) => number }
>;

export type FigureFilter = keyof typeof FIGURES;

export const listFilters = Object.keys(LISTS) as ListFilter[];
export const figureFilters = Object.keys(FIGURES) as FigureFilter[];

export type ApiFilters = Record<string, string | number | boolean>;

/** The filters of an address as the API's query parameters, without the range of time. */
export function apiFilters(search: LogsSearch): ApiFilters {
  const named = listFilters.flatMap((name): [string, string][] => {
    const wanted = search[name];
    return wanted?.length ? [[LISTS[name].api, wanted.join(",")]] : [];
  });
  const measured = figureFilters.flatMap((name): [string, number | undefined][] => {
    const { least, most } = reach(search, name);
    return [
      [`min_${FIGURES[name].api}`, least],
      [`max_${FIGURES[name].api}`, most],
    ];
  });
  const tagged = tags(search).map(([name, value]) => [`metadata_${name}`, value]);
  const asked = { missing_cost_only: search.unpriced, content_search: search.q };
  return Object.fromEntries(
    [...named, ...measured, ...tagged, ...Object.entries(asked)].filter(([, value]) => value !== undefined),
  );
}

/** The same with the range of time; one that goes on until now has no end. */
export function apiQuery(search: LogsSearch, span: Span): ApiFilters {
  const ends: ApiFilters = search.range === "custom" ? { end_time: span.to.toISOString() } : {};
  return { start_time: span.from.toISOString(), ...ends, ...apiFilters(search) };
}

/** Whether a row that has just come fits. Text is looked for in what the row does not carry: the API is asked for that. */
export function fits(row: LogRow, search: LogsSearch): boolean {
  const named = listFilters.every((name) => {
    const wanted: readonly string[] | undefined = search[name];
    return !wanted?.length || LISTS[name].of(row).some((value) => value !== null && wanted.includes(value ?? ""));
  });
  const measured = figureFilters.every((name) => {
    const { least, most } = reach(search, name);
    const value = FIGURES[name].of(row);
    return (least === undefined || value >= least) && (most === undefined || value <= most);
  });
  const tagged = tags(search).every(([name, value]) => row.metadata[name] === value);
  return named && measured && tagged && (!search.unpriced || row.unpriced);
}

export interface Chip {
  id: string;
  name: string;
  value: string;
  /** The address without it. */
  without: Partial<LogsSearch>;
}

/** A chip for each value that is filtered by. `names` tells ids apart for people. */
export function chips(search: LogsSearch, names: (filter: ListFilter, id: string) => string): Chip[] {
  const listed = listFilters.flatMap((name) =>
    (search[name] ?? []).map((value) => ({
      id: `${name} ${value}`,
      name: LISTS[name].label,
      value: names(name, value),
      without: { [name]: without(search[name], value) },
    })),
  );
  const measured = figureFilters.flatMap((name) => {
    const { least, most } = reach(search, name);
    if (least === undefined && most === undefined) return [];
    const { label, write } = FIGURES[name];
    const value =
      least !== undefined && most !== undefined
        ? `${write(least)} to ${write(most)}`
        : least !== undefined
          ? `at least ${write(least)}`
          : `at most ${write(most ?? 0)}`;
    return [{ id: name, name: label, value, without: { [`min${name}`]: undefined, [`max${name}`]: undefined } }];
  });
  const tagged = (search.tag ?? []).map((tag) => ({
    id: `tag ${tag}`,
    name: "Tag",
    value: tag.replace("=", " = "),
    without: { tag: without(search.tag, tag) },
  }));
  const unpriced = search.unpriced
    ? [{ id: "unpriced", name: "Price", value: "not known", without: { unpriced: undefined } }]
    : [];
  return [...listed, ...measured, ...tagged, ...unpriced];
}

/** The address without any filter: the range and the order stay. */
export function cleared(): Partial<LogsSearch> {
  const named = Object.fromEntries(listFilters.map((name) => [name, undefined]));
  const measured = Object.fromEntries(
    figureFilters.flatMap((name) => [
      [`min${name}`, undefined],
      [`max${name}`, undefined],
    ]),
  );
  return { ...named, ...measured, tag: undefined, unpriced: undefined, q: undefined, cursor: undefined };
}

function reach(search: LogsSearch, name: FigureFilter): { least: number | undefined; most: number | undefined } {
  return { least: search[`min${name}`], most: search[`max${name}`] };
}

/** What has no name or no value asks for nothing. */
function tags(search: LogsSearch): [string, string][] {
  return (search.tag ?? []).flatMap((tag): [string, string][] => {
    const at = tag.indexOf("=");
    return at > 0 && at < tag.length - 1 ? [[tag.slice(0, at).trim(), tag.slice(at + 1).trim()]] : [];
  });
}

function without<T>(values: readonly T[] | undefined, gone: T): T[] | undefined {
  const rest = (values ?? []).filter((value) => value !== gone);
  return rest.length > 0 ? rest : undefined;
}
