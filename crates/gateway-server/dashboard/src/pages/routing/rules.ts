// The rules as the API has them, and what changes them.

import { useQuery } from "@tanstack/react-query";
import { api, call, type components, query, useChange } from "../../api/client";
import type { Moved } from "./order";

export type Rule = components["schemas"]["RoutingRule"];
export type RuleChange = components["schemas"]["RoutingRuleChange"];
export type Scope = components["schemas"]["RuleScope"];

export const RULES = "/api/governance/routing-rules";

/** The scopes in the order in which they are asked. */
export const SCOPES: { value: Scope; label: string; about: string }[] = [
  { value: "virtual_key", label: "Virtual keys", about: "asked first, for calls of that key" },
  { value: "team", label: "Teams", about: "asked next, for calls of the team's keys" },
  { value: "customer", label: "Customers", about: "asked then, for calls of the customer's keys" },
  { value: "global", label: "Everybody", about: "asked last, for all calls" },
];

/** All of them: there are never so many that pages would help to put them in order. */
export function useRules() {
  return useQuery({
    ...query(RULES, { params: { query: { limit: 1000 } } }),
    select: (found) => found.rules,
  });
}

export function useSaveRule(done?: () => void) {
  return useChange(
    ({ id, change }: { id: string | undefined; change: RuleChange }) =>
      id
        ? call(api.PUT("/api/governance/routing-rules/{id}", { params: { path: { id } }, body: change }))
        : call(api.POST(RULES, { body: change })),
    { refreshes: [RULES], says: "Rule saved", showsError: true, ...(done && { done }) },
  );
}

export function useEnableRule() {
  return useChange(
    ({ id, enabled }: { id: string; enabled: boolean }) =>
      call(api.PUT("/api/governance/routing-rules/{id}", { params: { path: { id } }, body: { enabled } })),
    { refreshes: [RULES], says: (_, { enabled }) => (enabled ? "Rule enabled" : "Rule disabled") },
  );
}

/** Saves new priorities, one after the other: each is a revision that is valid in itself. */
export function useReorder() {
  return useChange(
    async (changes: Moved[]) => {
      for (const { id, priority } of changes) {
        await call(api.PUT("/api/governance/routing-rules/{id}", { params: { path: { id } }, body: { priority } }));
      }
    },
    { refreshes: [RULES], says: "Order saved" },
  );
}

export function deleteRule(id: string) {
  return call(api.DELETE("/api/governance/routing-rules/{id}", { params: { path: { id } } }));
}
