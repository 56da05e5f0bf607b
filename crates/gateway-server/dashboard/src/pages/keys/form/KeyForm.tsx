import { useQuery } from "@tanstack/react-query";
import type { ReactElement, ReactNode } from "react";
import { query } from "../../../api/client";
import { type Faults, faultsAt, unshown } from "../../../lib/faults";
import { Field, Select, TextInput } from "../../../parts";
import { LimitsEditor } from "../../../parts/limits";
import { Advanced } from "./Advanced";
import type { KeyDraft } from "./draft";
import { EntriesEditor } from "./EntriesEditor";
import { PairsEditor } from "./PairsEditor";

export interface KeyFormProps {
  draft: KeyDraft;
  onChange: (draft: KeyDraft) => void;
  faults: Faults;
  /** Of a new key, an id and a value may be chosen. */
  isNew: boolean;
}

/** What this form shows beside their fields. */
const SHOWN = [
  "name",
  "description",
  "id",
  "value",
  "team_id",
  "customer_id",
  "provider_configs",
  "budget",
  "budgets",
  "rate_limit",
  "expires_at",
  "metadata",
  "model_limits",
  "blacklisted_models",
  "required_headers",
  "strategy",
  "on_disconnect",
  "alerts",
];

/** Everything that can be said of a virtual key. */
export function KeyForm({ draft, onChange, faults, isNew }: KeyFormProps): ReactElement {
  const set = (change: Partial<KeyDraft>) => onChange({ ...draft, ...change });
  const rest = unshown(faults, SHOWN);
  return (
    <div className="keys-form">
      {rest && (
        <p className="field-error" role="alert">
          {rest}
        </p>
      )}
      <Part title="Name">
        <div className="keys-two">
          <Field label="Name" required error={faults.at.name}>
            <TextInput
              value={draft.name}
              onChange={(name) => set({ name })}
              placeholder="checkout-service"
              autoFocus={isNew}
            />
          </Field>
          <Field label="What it is for" optional error={faults.at.description}>
            <TextInput value={draft.description} onChange={(description) => set({ description })} />
          </Field>
        </div>
        <Owner draft={draft} set={set} faults={faults} />
      </Part>
      <Part title="Providers and models">
        <EntriesEditor
          entries={draft.entries}
          onChange={(entries) => set({ entries })}
          faults={faultsAt(faults, "provider_configs")}
        />
      </Part>
      <Part title="Budgets and limits">
        <LimitsEditor value={draft.limits} onChange={(limits) => set({ limits })} faults={faults} />
      </Part>
      <Part title="Expiry and tags">
        <Field label="Works until" optional hint="Local time. Empty: for ever." error={faults.at.expires_at}>
          <TextInput
            type="datetime-local"
            className="keys-expires"
            value={draft.expires}
            onChange={(expires) => set({ expires })}
          />
        </Field>
        <div className="stack-tight">
          <span className="field-label">
            Tags <span className="field-optional">put on its calls in logs and ledger</span>
          </span>
          <PairsEditor
            what="tag"
            names={{ name: "Name", value: "Value" }}
            placeholders={{ name: "cost-center", value: "4711" }}
            between="="
            pairs={draft.tags}
            onChange={(tags) => set({ tags })}
          />
          {metadataFault(faults) && <p className="field-error">{metadataFault(faults)}</p>}
        </div>
      </Part>
      <Advanced draft={draft} set={set} faults={faults} isNew={isNew} />
    </div>
  );
}

export function Part({ title, children }: { title: string; children: ReactNode }): ReactElement {
  return (
    <section className="keys-part">
      <h3>{title}</h3>
      <div className="stack">{children}</div>
    </section>
  );
}

function metadataFault(faults: Faults): string | undefined {
  return Object.entries(faults.at).find(([path]) => path.startsWith("metadata"))?.[1];
}

interface OwnerProps {
  draft: KeyDraft;
  set: (change: Partial<KeyDraft>) => void;
  faults: Faults;
}

/** The team or the customer whose limits hold as well: one of them. */
function Owner({ draft, set, faults }: OwnerProps): ReactElement {
  const teams = useQuery(query("/api/governance/teams", { params: { query: { limit: 1000 } } }));
  const customers = useQuery(query("/api/governance/customers", { params: { query: { limit: 1000 } } }));
  const of = draft.team ? `team:${draft.team}` : draft.customer ? `customer:${draft.customer}` : "";
  const options = [
    { value: "", label: "Nobody: its own limits only" },
    ...(teams.data?.teams ?? []).map(({ id, name, customer }) => ({
      value: `team:${id}`,
      label: `Team ${name}${customer ? ` (${customer.name})` : ""}`,
    })),
    ...(customers.data?.customers ?? []).map(({ id, name }) => ({
      value: `customer:${id}`,
      label: `Customer ${name}`,
    })),
  ];
  const known = options.some(({ value }) => value === of);
  return (
    <Field
      label="Belongs to"
      hint="Its calls count against the limits of its team and customer too."
      error={faults.at.team_id ?? faults.at.customer_id}
    >
      <Select
        className="keys-owner"
        value={of}
        onChange={(chosen) => {
          const id = chosen.slice(chosen.indexOf(":") + 1);
          set({ team: chosen.startsWith("team:") ? id : "", customer: chosen.startsWith("customer:") ? id : "" });
        }}
        options={known ? options : [...options, { value: of, label: of.replace(":", " ") }]}
      />
    </Field>
  );
}
