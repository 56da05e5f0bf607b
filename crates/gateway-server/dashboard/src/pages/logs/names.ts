// Names for ids: what the log can be filtered by knows both.

import { useQuery } from "@tanstack/react-query";
import { useMemo } from "react";
import { query } from "../../api/client";
import type { Completion } from "../../parts";
import type { ListFilter } from "./filters";
import type { FilterData } from "./types";

export interface Names {
  /** What an id is called. */
  of: (filter: ListFilter, id: string) => string;
  /** What can be filtered by. */
  choices: (filter: ListFilter) => Completion[];
}

const WORDS: Record<string, string> = {
  self_hosted: "Self-hosted",
  cloud: "Cloud",
  success: "Success",
  error: "Error",
  cancelled: "Cancelled",
};

export function useNames(): Names {
  const { data } = useQuery({ ...query("/api/logs/filterdata"), staleTime: 60_000 });
  return useMemo(() => {
    const all = data ? choices(data) : undefined;
    const names = (filter: ListFilter) => all?.[filter] ?? [];
    return {
      choices: names,
      of: (filter, id) => names(filter).find(({ value }) => value === id)?.label ?? WORDS[id] ?? id,
    };
  }, [data]);
}

function choices(data: FilterData): Record<ListFilter, Completion[]> {
  const plain = (value: string): Completion => ({ value });
  const worded = (value: string): Completion => ({ value, label: WORDS[value] ?? value });
  const named = ({ id, name }: { id: string; name: string }): Completion =>
    id === name ? { value: id } : { value: id, label: name, detail: id };
  return {
    provider: data.providers.map(plain),
    model: data.models.map(plain),
    key: data.virtual_keys.map(named),
    team: data.teams.map(named),
    customer: data.customers.map(named),
    rule: data.routing_rules.map(named),
    upstream: data.selected_keys.flatMap((key) =>
      key.id ? [{ value: key.id, label: key.name || key.id, detail: key.provider }] : [],
    ),
    status: data.status.map(worded),
    code: data.error_codes.map(plain),
    hosting: data.hosting.map(worded),
    object: data.objects.map(plain),
  };
}
