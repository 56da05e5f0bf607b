import { getRouteApi } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { refresh } from "../../api/client";
import { useMay } from "../../app/session";
import {
  Button,
  ConfirmDialog,
  Empty,
  FilterBar,
  FilterChip,
  Loading,
  Problem,
  SearchInput,
  Select,
  toast,
} from "../../parts";
import { inOrder, move } from "./order";
import { RuleRow } from "./RuleRow";
import { deleteRule, RULES, type Rule, SCOPES, type Scope, useEnableRule, useReorder, useRules } from "./rules";
import { ruleSentence } from "./sentence";

const route = getRouteApi("/routing");

/** All rules in the order in which they are asked, scope by scope. */
export function RuleList({ onOpen }: { onOpen: (id: string) => void }): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data: rules, error, refetch } = useRules();
  const { why } = useMay("operator");
  const reorder = useReorder();
  const enable = useEnableRule();
  const [leaving, setLeaving] = useState<Rule>();
  if (!rules) return error ? <Problem error={error} onRetry={() => void refetch()} /> : <Loading lines={5} />;
  if (rules.length === 0) return <NoRules onAdd={() => onOpen("new")} why={why} />;

  const wanted = (rule: Rule) => {
    const text = `${rule.name} ${rule.id} ${rule.scope_id ?? ""} ${rule.cel_expression} ${ruleSentence(rule)}`;
    return (
      (!search.scope || rule.scope === search.scope) && text.toLowerCase().includes((search.q ?? "").toLowerCase())
    );
  };
  const set = (change: Partial<typeof search>) =>
    void navigate({ search: (now) => ({ ...now, ...change }), replace: true });
  const filtered = rules.some((rule) => !wanted(rule));
  const groups = grouped(inOrder(withMoves(rules, reorder.isPending ? reorder.variables : undefined)));

  const reorderTo = (group: Rule[], from: number, to: number) => {
    const changes = move(group, from, to);
    if (!changes)
      return toast.bad("A rule that a configuration file declares would have to move. Change it in the file.");
    if (changes.length > 0) reorder.mutate(changes);
  };

  return (
    <div className="stack">
      <FilterBar onClear={search.q || search.scope ? () => set({ q: undefined, scope: undefined }) : undefined}>
        <SearchInput value={search.q ?? ""} onChange={(q) => set({ q: q || undefined })} label="Search rules" />
        <Select
          aria-label="Whose calls"
          value={search.scope ?? "all"}
          onChange={(scope) => set({ scope: scope === "all" ? undefined : scope })}
          options={[{ value: "all" as const, label: "All scopes" }, ...SCOPES]}
        />
        {search.q && <FilterChip name="Search" value={search.q} onRemove={() => set({ q: undefined })} />}
      </FilterBar>
      {groups.every(({ rules }) => !rules.some(wanted)) && (
        <Empty title="No rule matches" icon="filter">
          Search for a name, a provider, a model or a word of a condition.
        </Empty>
      )}
      {groups.map((group) => {
        const shown = group.rules.filter(wanted);
        if (shown.length === 0) return null;
        const about = SCOPES.find(({ value }) => value === group.scope)?.about;
        return (
          <section key={`${group.scope}/${group.id}`} className="routing-group" aria-label={nameOf(group)}>
            <h2>
              {nameOf(group)} <span className="soft small">{about}</span>
            </h2>
            <ol className="routing-rules">
              {shown.map((rule) => {
                const place = group.rules.indexOf(rule);
                const last = group.rules.length - 1;
                return (
                  <RuleRow
                    key={rule.id}
                    rule={rule}
                    place={place}
                    {...(place > 0 && !filtered && { onUp: () => reorderTo(group.rules, place, place - 1) })}
                    {...(place < last && !filtered && { onDown: () => reorderTo(group.rules, place, place + 1) })}
                    onDrop={(from) => reorderTo(group.rules, from, place)}
                    group={`${group.scope}/${group.id}`}
                    disabledBecause={why}
                    onOpen={() => onOpen(rule.id)}
                    onEnable={(enabled) => enable.mutate({ id: rule.id, enabled })}
                    onDelete={() => setLeaving(rule)}
                  />
                );
              })}
            </ol>
          </section>
        );
      })}
      <ConfirmDialog
        open={leaving !== undefined}
        onClose={() => setLeaving(undefined)}
        title={`Delete rule “${leaving?.name ?? ""}”?`}
        action="Delete rule"
        onConfirm={async () => {
          await deleteRule(leaving?.id ?? "");
          toast.ok("Rule deleted");
          setLeaving(undefined);
          await refresh(RULES);
        }}
      >
        Calls that it fits go where they ask for again, or where the next rule sends them. Settings → Revisions brings
        it back.
      </ConfirmDialog>
    </div>
  );
}

function NoRules({ onAdd, why }: { onAdd: () => void; why: string | undefined }) {
  return (
    <Empty
      title="No routing rules"
      icon="routing"
      action={
        <Button kind="primary" icon="plus" disabledBecause={why} onClick={onAdd}>
          Add rule
        </Button>
      }
    >
      Calls go to the model they ask for, at a provider drawn by the weights of the virtual key. A rule sends calls
      elsewhere that fit a condition: a header, a tag, a long prompt, a budget that runs low.
    </Empty>
  );
}

interface Group {
  scope: Scope;
  id: string;
  rules: Rule[];
}

/** Rules of the same callers together, in the order in which the scopes are asked. */
function grouped(rules: Rule[]): Group[] {
  const groups: Group[] = [];
  for (const { value: scope } of SCOPES) {
    const within = rules.filter((rule) => rule.scope === scope);
    for (const id of [...new Set(within.map((rule) => rule.scope_id ?? ""))].sort()) {
      groups.push({ scope, id, rules: within.filter((rule) => (rule.scope_id ?? "") === id) });
    }
  }
  return groups;
}

function nameOf({ scope, id }: Group): string {
  const words: Record<Scope, string> = {
    virtual_key: `Virtual key ${id}`,
    team: `Team ${id}`,
    customer: `Customer ${id}`,
    global: "Everybody",
  };
  return words[scope];
}

/** The rules as they will be once new priorities are saved, so that a moved rule stays where it was put. */
function withMoves(rules: Rule[], moves: { id: string; priority: number }[] | undefined): Rule[] {
  const priorities = new Map(moves?.map(({ id, priority }) => [id, priority]));
  return rules.map((rule) => ({ ...rule, priority: priorities.get(rule.id) ?? rule.priority }));
}
