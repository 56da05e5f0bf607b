// A rule while it is edited, and what is sent of it.

import { inOrder } from "./order";
import type { Rule, RuleChange, Scope } from "./rules";
import { fallbackName, placeName } from "./sentence";

export interface Draft {
  name: string;
  description: string;
  enabled: boolean;
  scope: Scope;
  scopeId: string;
  condition: string;
  targets: Rule["targets"];
  /** As text; those that name a provider's key are found again in `kept`. */
  fallbacks: string[];
  kept: Map<string, NonNullable<Rule["fallbacks"]>[number]>;
}

export function draftOf(rule: Rule | undefined): Draft {
  const fallbacks = rule?.fallbacks ?? [];
  const name = (fallback: (typeof fallbacks)[number]) =>
    typeof fallback === "string"
      ? fallback
      : fallback.key_id
        ? fallbackName(fallback)
        : `${fallback.provider}/${fallback.model ?? ""}`;
  return {
    name: rule?.name ?? "",
    description: rule?.description ?? "",
    enabled: rule?.enabled ?? true,
    scope: rule?.scope ?? "global",
    scopeId: rule?.scope_id ?? "",
    condition: rule?.cel_expression ?? "",
    targets: rule?.targets ?? [{ weight: 1 }],
    fallbacks: fallbacks.map(name),
    kept: new Map(fallbacks.map((fallback) => [name(fallback), fallback])),
  };
}

/** What is wrong with a draft, by field; the condition is checked by the gateway. */
export function faultOf(draft: Draft): Partial<Record<"name" | "scopeId" | "targets", string>> {
  const names = draft.targets.map(placeName);
  return {
    ...(!draft.name.trim() && { name: "Give it a name that says what it does." }),
    ...(draft.scope !== "global" && !draft.scopeId && { scopeId: "Say whose calls it is for." }),
    ...(draft.targets.some(({ weight }) => !(weight > 0)) && {
      targets: "Every weight must be above 0. Remove a target that nothing is to go to.",
    }),
    ...(new Set(names).size < names.length && { targets: "Two targets are the same. Add their weights up in one." }),
  };
}

/** What is sent: weights as shares of 1, as the API takes them. What is new in a scope, of all its rules, comes last. */
export function changeOf(draft: Draft, rule: Rule | undefined, rules: readonly Rule[]): RuleChange {
  const ofScope = ({ scope, scope_id: id }: Rule) => scope === draft.scope && (id ?? "") === draft.scopeId;
  const stays = rule && ofScope(rule);
  const last = inOrder(rules.filter(ofScope)).at(-1);
  const sum = draft.targets.reduce((total, { weight }) => total + weight, 0);
  return {
    name: draft.name.trim(),
    description: draft.description.trim(),
    enabled: draft.enabled,
    scope: draft.scope,
    scope_id: draft.scope === "global" ? null : draft.scopeId,
    cel_expression: draft.condition,
    targets: draft.targets.map((target) => ({ ...target, weight: target.weight / sum })),
    fallbacks: draft.fallbacks.map((name) => draft.kept.get(name) ?? name),
    ...(!stays && { priority: last ? last.priority + 10 : 10 }),
  };
}
