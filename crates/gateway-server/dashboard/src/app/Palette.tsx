// The command palette: type where to go.

import { useQuery } from "@tanstack/react-query";
import { type NavigateOptions, useRouter } from "@tanstack/react-router";
import { Dialog } from "radix-ui";
import { type KeyboardEvent, type ReactElement, useState } from "react";
import { api, call } from "../api/client";
import { Icon, type IconName } from "../parts";
import { useFocusKept } from "../parts/useFocusKept";
import { PLACES } from "./navigation";

interface Goal {
  id: string;
  label: string;
  kind: string;
  icon: IconName;
  go: NavigateOptions;
}

const PAGES: Goal[] = PLACES.map(({ to, label, icon }) => ({ id: to, label, kind: "Page", icon, go: { to } }));
const MOST = 12;

export function Palette({ open, onClose }: { open: boolean; onClose: () => void }): ReactElement {
  return (
    <Dialog.Root open={open} onOpenChange={(stays) => !stays && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="palette" aria-describedby={undefined} {...useFocusKept()}>
          <Dialog.Title className="sr-only">Go to</Dialog.Title>
          <Finder onClose={onClose} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

function Finder({ onClose }: { onClose: () => void }) {
  const router = useRouter();
  const [typed, setTyped] = useState("");
  const [active, setActive] = useState(0);
  const named = useQuery({ queryKey: ["palette"], queryFn: namedGoals, staleTime: 30_000 });
  const goals = matching([...PAGES, ...(named.data ?? [])], typed).slice(0, MOST);
  const go = (goal: Goal | undefined) => {
    if (!goal) return;
    onClose();
    void router.navigate(goal.go);
  };
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key === "Enter") go(goals[active]);
    if (event.key !== "ArrowDown" && event.key !== "ArrowUp") return;
    event.preventDefault();
    const step = event.key === "ArrowDown" ? 1 : -1;
    setActive((now) => (goals.length === 0 ? 0 : (now + step + goals.length) % goals.length));
  };
  return (
    <>
      <div className="palette-field">
        <Icon name="search" />
        <input
          role="combobox"
          aria-label="Go to a page, a provider or a key"
          aria-expanded="true"
          aria-controls="palette-goals"
          aria-activedescendant={goals[active] ? `goal-${active}` : undefined}
          placeholder="Go to a page, a provider or a key"
          autoComplete="off"
          spellCheck={false}
          value={typed}
          onChange={(event) => {
            setTyped(event.target.value);
            setActive(0);
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      <div id="palette-goals" role="listbox" aria-label="Goals" className="palette-goals">
        {goals.map((goal, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys go to the input, which marks goals by aria-activedescendant
          <div
            key={goal.id}
            id={`goal-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            className="menu-item"
            data-highlighted={index === active ? "" : undefined}
            ref={index === active ? (node) => node?.scrollIntoView({ block: "nearest" }) : undefined}
            onMouseMove={() => setActive(index)}
            onClick={() => go(goal)}
          >
            <Icon name={goal.icon} />
            <span className="truncate">{goal.label}</span>
            <span className="palette-kind">{goal.kind}</span>
          </div>
        ))}
        {goals.length === 0 && <p className="menu-label">Nothing of that name</p>}
      </div>
    </>
  );
}

function matching(goals: readonly Goal[], typed: string): Goal[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const hits = goals.filter((goal) => words.every((word) => `${goal.label} ${goal.kind}`.toLowerCase().includes(word)));
  const first = words[0];
  return first ? hits.toSorted((one, other) => rank(one, first) - rank(other, first)) : hits;
}

function rank(goal: Goal, word: string): number {
  return goal.label.toLowerCase().startsWith(word) ? 0 : 1;
}

/** Providers and virtual keys by name. What may not be seen is left out. */
async function namedGoals(): Promise<Goal[]> {
  const [providers, keys] = await Promise.allSettled([
    call<unknown>(api.GET("/api/providers")),
    call<unknown>(api.GET("/api/governance/virtual-keys")),
  ]);
  return [
    ...names(providers, "providers", "name").map(
      ({ label, id }): Goal => ({
        id: `provider/${id}`,
        label,
        kind: "Provider",
        icon: "providers",
        go: { to: "/providers/$name", params: { name: id } },
      }),
    ),
    ...names(keys, "virtual_keys", "id").map(
      ({ label, id }): Goal => ({
        id: `key/${id}`,
        label,
        kind: "Virtual key",
        icon: "keys",
        go: { to: "/keys", search: { open: id } },
      }),
    ),
  ];
}

function names(answer: PromiseSettledResult<unknown>, list: string, key: string): { id: string; label: string }[] {
  if (answer.status === "rejected") return [];
  const rows = (answer.value as Record<string, unknown>)[list];
  if (!Array.isArray(rows)) return [];
  return rows.flatMap((row: Record<string, unknown>) => {
    const id = row[key] ?? row.name;
    const label = row.name ?? id;
    return typeof id === "string" && typeof label === "string" ? [{ id, label }] : [];
  });
}
