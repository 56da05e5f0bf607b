import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { query } from "../../../api/client";
import { type Faults, faultsAt } from "../../../lib/faults";
import { Button, Combobox, Field, IconButton, MultiCombobox, NumberInput, SplitBar } from "../../../parts";
import { LimitsEditor } from "../../../parts/limits";
import { type EntryDraft, newEntry } from "./draft";
import { modelCompletions } from "./models";
import { PairsEditor } from "./PairsEditor";

export interface EntriesEditorProps {
  entries: EntryDraft[];
  onChange: (entries: EntryDraft[]) => void;
  /** Of `provider_configs`. */
  faults: Faults;
}

/** What a key may use: its providers, each with its share and its models. */
export function EntriesEditor({ entries, onChange, faults }: EntriesEditorProps): ReactElement {
  const providers = useQuery(query("/api/providers"));
  const left = providers.data?.providers.filter(({ name }) => !entries.some((entry) => entry.provider === name));
  return (
    <div className="stack">
      {entries.length === 0 ? (
        <p className="soft small">
          None listed: the key may use every provider and model that is configured. List some to narrow it, and to say
          how calls are split between them.
        </p>
      ) : (
        <SplitBar
          label="Share of calls where several entries serve the model"
          parts={entries.map(({ provider, weight }) => ({ label: provider || "…", weight: weight ?? 1 }))}
        />
      )}
      {entries.map((entry, at) => (
        <Entry
          key={entry.key}
          entry={entry}
          number={at + 1}
          faults={faultsAt(faults, `[${at}]`)}
          providers={left ?? []}
          keys={providers.data?.providers.find(({ name }) => name === entry.provider)?.keys ?? []}
          onChange={(changed) => onChange(entries.with(at, changed))}
          onRemove={() => onChange(entries.filter((one) => one.key !== entry.key))}
        />
      ))}
      <div>
        <Button
          size="small"
          icon="plus"
          onClick={() => onChange([...entries, newEntry(left?.length === 1 ? left[0]?.name : "")])}
        >
          Add a provider
        </Button>
      </div>
    </div>
  );
}

interface EntryProps {
  entry: EntryDraft;
  number: number;
  faults: Faults;
  providers: readonly { name: string; kind: string }[];
  keys: readonly { id?: string | null; name: string }[];
  onChange: (entry: EntryDraft) => void;
  onRemove: () => void;
}

function Entry({ entry, number, faults, providers, keys, onChange, onRemove }: EntryProps): ReactElement {
  const set = (change: Partial<EntryDraft>) => onChange({ ...entry, ...change });
  const models = modelCompletions(entry.provider || undefined);
  const more =
    entry.blocked.length + entry.keyIds.length + entry.limits.budgets.length > 0 ||
    entry.limits.requests.most !== undefined ||
    entry.limits.tokens.most !== undefined ||
    entry.limits.inFlight !== undefined ||
    Object.keys(faults.at).some((path) => !["provider", "weight"].includes(path));
  const listed = faults.at.allowed_models ?? firstAt(faults, "allowed_models");
  return (
    <fieldset className="keys-entry">
      <legend className="sr-only">Provider {number}</legend>
      <div className="keys-entry-head">
        <Field label="Provider" error={faults.at.provider ?? faults.at[""]}>
          <Combobox
            value={entry.provider}
            onChange={(provider) => set({ provider })}
            options={providers.map(({ name, kind }) => ({ value: name, detail: kind === name ? undefined : kind }))}
            placeholder="openai"
          />
        </Field>
        <Field label="Weight" error={faults.at.weight}>
          <NumberInput value={entry.weight} onChange={(weight) => set({ weight })} placeholder="1" />
        </Field>
        <IconButton icon="trash" size="small" label={`Remove provider ${number}`} onClick={onRemove} />
      </div>
      <Field label="Allowed models" hint="Empty: whatever it serves. * stands for anything." error={listed}>
        <MultiCombobox
          value={entry.models}
          onChange={(chosen) => set({ models: chosen })}
          options={models}
          placeholder="all models"
          mono
        />
      </Field>
      <details className="keys-more" open={entry.aliases.length > 0}>
        <summary>
          Aliases <span className="soft">{entry.aliases.length || ""}</span>
        </summary>
        <div className="stack-tight">
          <p className="soft small">
            Names that clients ask for, and the model that is served instead. <code>*</code> stands for any name that
            this provider does not serve.
          </p>
          <PairsEditor
            what="alias"
            names={{ name: "Asked for", value: "Served" }}
            placeholders={{ name: "*", value: "gpt-4o-mini" }}
            between="→"
            pairs={entry.aliases}
            onChange={(aliases) => set({ aliases })}
            options={models}
          />
          {firstAt(faults, "model_aliases") && <p className="field-error">{firstAt(faults, "model_aliases")}</p>}
        </div>
      </details>
      <details className="keys-more" open={more}>
        <summary>Limits, blocked models and keys at this provider</summary>
        <div className="stack">
          <LimitsEditor value={entry.limits} onChange={(limits) => set({ limits })} faults={faults} />
          <Field label="Blocked models" optional error={firstAt(faults, "blacklisted_models")}>
            <MultiCombobox
              value={entry.blocked}
              onChange={(blocked) => set({ blocked })}
              options={models}
              placeholder="none"
              mono
            />
          </Field>
          <Field label="The provider's keys that may be used" optional hint="Empty: all of them.">
            <MultiCombobox
              value={entry.keyIds}
              onChange={(keyIds) => set({ keyIds })}
              options={keys.map(({ id, name }) => ({ value: id ?? name, label: name }))}
              placeholder="all keys"
              mono
            />
          </Field>
        </div>
      </details>
    </fieldset>
  );
}

/** What is wrong with a list, or with any member of it. */
function firstAt(faults: Faults, list: string): string | undefined {
  return Object.entries(faults.at).find(([path]) => path === list || path.startsWith(`${list}[`))?.[1];
}
