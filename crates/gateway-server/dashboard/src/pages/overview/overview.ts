// The figures of this page: how its address asks for them, and what can be filtered by.

import { keepPreviousData } from "@tanstack/react-query";
import { type components, query } from "../../api/client";
import { RANGES, rangeName, refetchEvery, spanOf } from "../../lib/time";
import type { LogsSearch } from "../logs/search";
import type { OverviewSearch } from "./search";

type Schemas = components["schemas"];
export type Overview = Schemas["Overview"];
export type Figures = Schemas["Figures"];
export type Slot = Schemas["SeriesSlot"];
export type HostingShare = Schemas["HostingShare"];

/** What the page can be filtered by: one of them at a time, as the API counts them one by one. */
export const FILTERS = {
  provider: { api: "providers", label: "Provider" },
  model: { api: "models", label: "Model" },
  key: { api: "virtual_key_ids", label: "Virtual key" },
  team: { api: "team_ids", label: "Team" },
  customer: { api: "customer_ids", label: "Customer" },
} as const;

export type Filter = keyof typeof FILTERS;

export const FILTER_NAMES = Object.keys(FILTERS) as Filter[];

/** The filter that is set, if one is. */
export function filterOf(search: OverviewSearch): { name: Filter; value: string } | undefined {
  for (const name of FILTER_NAMES) {
    const value = search[name];
    if (value) return { name, value };
  }
  return undefined;
}

/** An address with that filter and none of the others. */
export function filtered(search: OverviewSearch, name?: Filter, value?: string): OverviewSearch {
  const rest: OverviewSearch = { ...search };
  for (const other of FILTER_NAMES) delete rest[other];
  return name && value ? { ...rest, [name]: value } : rest;
}

/** The address of the log with the same range and filter. */
export function logSearch(search: OverviewSearch, name?: Filter, value?: string): LogsSearch {
  const { range, from, to } = search;
  const span: LogsSearch = { range: range ?? "24h", ...(from && { from }), ...(to && { to }) };
  return name && value ? { ...span, [name]: [value] } : span;
}

/** The figures that an address asks for. Those that were there stay until the new ones are. */
export function overviewQuery(search: OverviewSearch) {
  const name = rangeName(search);
  const span = spanOf(search, new Date());
  const time =
    name === "custom"
      ? { start_time: span.from.toISOString(), end_time: span.to.toISOString() }
      : { minutes: RANGES[name].reaches / 60_000 };
  const filter = filterOf(search);
  return {
    ...query("/api/overview", {
      params: {
        query: {
          ...time,
          ...(filter && { [FILTERS[filter.name].api]: filter.value }),
          ...(search.sort && { sort_by: search.sort }),
          ...(search.against && { saved_against: search.against }),
        },
      },
    }),
    refetchInterval: refetchEvery(name),
    placeholderData: keepPreviousData,
  };
}

/** How much more there is than before, as a share; nothing where there was too little before to be compared with. */
export function change(now: number | null, before: number | null): number | undefined {
  if (now === null || !before) return undefined;
  const more = (now - before) / before;
  return more < 10 ? more : undefined;
}
