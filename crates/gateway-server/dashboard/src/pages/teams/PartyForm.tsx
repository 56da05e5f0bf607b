// What teams and customers have in common while they are made or changed: a name, and limits.

import type { ReactElement, ReactNode } from "react";
import { type Faults, unshown } from "../../lib/faults";
import { Field, TextInput } from "../../parts";
import { draftOf, type LimitsDraft, LimitsEditor, limitsOf, NO_LIMITS, type WithLimits } from "../../parts/limits";
import "./page.css";

export interface PartyDraft {
  name: string;
  /** Of a new one: the id, where it is chosen. */
  id: string;
  /** Of a team. */
  customer: string;
  limits: LimitsDraft;
}

export const NEW_PARTY: PartyDraft = { name: "", id: "", customer: "", limits: NO_LIMITS };

export function partyDraftOf(
  party: WithLimits & { name: string; id: string; customer_id?: string | null },
): PartyDraft {
  return { name: party.name, id: party.id, customer: party.customer_id ?? "", limits: draftOf(party) };
}

/** What is sent of both. */
export function partyChange({ name, limits }: PartyDraft) {
  return { name: name.trim(), ...limitsOf(limits) };
}

/** The id of a new one, where it is chosen. */
export function chosenId({ id }: PartyDraft): { id?: string } {
  return id.trim() ? { id: id.trim() } : {};
}

export interface PartyFormProps {
  draft: PartyDraft;
  onChange: (draft: PartyDraft) => void;
  faults: Faults;
  isNew: boolean;
  /** An example of a name. */
  example: string;
  /** Between the name and the limits: a team's customer. */
  children?: ReactNode;
}

const SHOWN = ["name", "id", "customer_id", "budget", "budgets", "rate_limit"];

export function PartyForm({ draft, onChange, faults, isNew, example, children }: PartyFormProps): ReactElement {
  const set = (change: Partial<PartyDraft>) => onChange({ ...draft, ...change });
  const rest = unshown(faults, SHOWN);
  return (
    <div className="stack teams-form">
      {rest && (
        <p className="field-error" role="alert">
          {rest}
        </p>
      )}
      <Field label="Name" required error={faults.at.name}>
        <TextInput value={draft.name} onChange={(name) => set({ name })} placeholder={example} autoFocus={isNew} />
      </Field>
      {isNew && (
        <Field label="Id" optional hint="In paths and logs. Left empty, one is made." error={faults.at.id}>
          <TextInput value={draft.id} onChange={(id) => set({ id })} mono placeholder={example.toLowerCase()} />
        </Field>
      )}
      {children}
      <LimitsEditor value={draft.limits} onChange={(limits) => set({ limits })} faults={faults} />
    </div>
  );
}
