import type { ReactElement } from "react";
import { type Faults, faultsAt } from "../../../lib/faults";
import {
  Button,
  Checkbox,
  Combobox,
  Field,
  IconButton,
  MultiCombobox,
  NumberInput,
  Select,
  TextInput,
} from "../../../parts";
import { LimitsEditor, NO_LIMITS } from "../../../parts/limits";
import { fresh, type KeyDraft } from "./draft";
import { modelCompletions } from "./models";

export interface AdvancedProps {
  draft: KeyDraft;
  set: (change: Partial<KeyDraft>) => void;
  faults: Faults;
  isNew: boolean;
}

const STRATEGIES = [
  { value: "weighted", label: "By weight" },
  { value: "least_busy", label: "The one with the fewest calls under way" },
  { value: "latency", label: "The fastest" },
  { value: "cost", label: "The cheapest" },
  { value: "affinity", label: "The same one for a conversation" },
];

const FIELDS = [
  "id",
  "value",
  "strategy",
  "model_limits",
  "blacklisted_models",
  "required_headers",
  "on_disconnect",
  "alerts",
];

/** What most keys do not need. */
export function Advanced({ draft, set, faults, isNew }: AdvancedProps): ReactElement {
  const models = modelCompletions(undefined);
  const wrong = Object.keys(faults.at).some((path) => FIELDS.some((field) => path.startsWith(field)));
  return (
    <details className="keys-part keys-advanced" open={wrong || undefined}>
      <summary>
        <h3>Advanced</h3>
      </summary>
      <div className="stack">
        {isNew && <Chosen draft={draft} set={set} faults={faults} />}
        <Field label="How one of several entries is chosen" error={faults.at.strategy}>
          <Select value={draft.strategy} onChange={(strategy) => set({ strategy })} options={STRATEGIES} />
        </Field>
        <Field
          label="Blocked models"
          optional
          hint="Whatever its providers allow; * stands for anything."
          error={first(faults, "blacklisted_models")}
        >
          <MultiCombobox
            value={draft.blocked}
            onChange={(blocked) => set({ blocked })}
            options={models}
            placeholder="none"
            mono
          />
        </Field>
        <ModelLimits draft={draft} set={set} faults={faults} />
        <Checkbox
          checked={draft.strict}
          onChange={(strict) => set({ strict })}
          label="Strict translation"
          hint="A call that the provider cannot be told whole is refused instead of told in part."
        />
        <Checkbox
          checked={draft.passthrough}
          onChange={(passthrough) => set({ passthrough })}
          label="Passthrough"
          hint="Opens the providers' own APIs to this key. Calls whose use cannot be read are refused under a budget."
        />
        <Field label="Headers that calls must carry" optional error={first(faults, "required_headers")}>
          <MultiCombobox
            value={draft.requiredHeaders}
            onChange={(requiredHeaders) => set({ requiredHeaders })}
            options={[]}
            placeholder="x-request-source"
            mono
          />
        </Field>
        <OnDisconnect draft={draft} set={set} error={first(faults, "on_disconnect")} />
        <Alerts draft={draft} set={set} faults={faultsAt(faults, "alerts")} />
      </div>
    </details>
  );
}

type PartProps = Pick<AdvancedProps, "draft" | "set" | "faults">;

/** An id and a value of one's own choice. */
function Chosen({ draft, set, faults }: PartProps): ReactElement {
  const { id, value } = draft;
  const guessable = value !== "" && (value === id || value.length < 20);
  return (
    <div className="keys-two">
      <Field label="Id" optional hint="In paths and logs. Left empty, one is made." error={faults.at.id}>
        <TextInput value={id} onChange={(chosen) => set({ id: chosen })} mono placeholder="vk-checkout" />
      </Field>
      <Field
        label="Value"
        optional
        hint={
          guessable ? (
            <span className="status-warn">This can be guessed. Leave it empty to have a strong one made.</span>
          ) : (
            "What clients present. Left empty, one is made that cannot be guessed."
          )
        }
        error={faults.at.value}
      >
        <TextInput value={value} onChange={(chosen) => set({ value: chosen })} mono placeholder="made by the gateway" />
      </Field>
    </div>
  );
}

function ModelLimits({ draft, set, faults }: PartProps): ReactElement {
  const { modelLimits } = draft;
  return (
    <div className="stack-tight">
      <span className="field-label">
        Limits by model <span className="field-optional">for this key's calls to it, wherever it is served</span>
      </span>
      {modelLimits.map((limit, at) => {
        const inner = faultsAt(faults, `model_limits[${at}]`);
        const change = (to: Partial<typeof limit>) => set({ modelLimits: modelLimits.with(at, { ...limit, ...to }) });
        return (
          <fieldset key={limit.key} className="keys-entry">
            <legend className="sr-only">Limit by model {at + 1}</legend>
            <div className="keys-entry-head">
              <Field label="Model" error={inner.at.model_name}>
                <Combobox
                  value={limit.model}
                  onChange={(model) => change({ model })}
                  options={modelCompletions(undefined)}
                  placeholder="gpt-4o*"
                  mono
                />
              </Field>
              <IconButton
                icon="trash"
                size="small"
                label={`Remove limit by model ${at + 1}`}
                onClick={() => set({ modelLimits: modelLimits.filter((one) => one.key !== limit.key) })}
              />
            </div>
            <LimitsEditor value={limit.limits} onChange={(limits) => change({ limits })} faults={inner} />
          </fieldset>
        );
      })}
      <div>
        <Button
          size="small"
          icon="plus"
          onClick={() => set({ modelLimits: [...modelLimits, { key: fresh(), model: "", limits: NO_LIMITS }] })}
        >
          Limit a model
        </Button>
      </div>
    </div>
  );
}

function OnDisconnect({ draft, set, error }: Omit<PartProps, "faults"> & { error: string | undefined }): ReactElement {
  return (
    <div className="keys-two">
      <Field label="When a client leaves a stream" error={error}>
        <Select
          value={draft.onDisconnect}
          onChange={(onDisconnect) => set({ onDisconnect })}
          options={[
            { value: "default", label: "As the settings say" },
            { value: "cancel", label: "Leave the provider too" },
            { value: "finish", label: "Read the answer to its end" },
          ]}
        />
      </Field>
      {draft.onDisconnect === "finish" && (
        <Field label="At most" hint="Output tokens that are waited for.">
          <NumberInput value={draft.mostTokens} onChange={(mostTokens) => set({ mostTokens })} unit="tokens" />
        </Field>
      )}
    </div>
  );
}

function Alerts({ draft, set, faults }: PartProps): ReactElement {
  return (
    <div className="keys-two">
      <Field
        label="Tell when a budget runs low"
        optional
        hint="A webhook; instead of the one in the settings."
        error={faults.at.webhook_url ?? faults.at[""]}
      >
        <TextInput
          type="url"
          value={draft.webhook}
          onChange={(webhook) => set({ webhook })}
          mono
          placeholder="https://hooks.example/budget"
        />
      </Field>
      {draft.webhook && (
        <Field label="At percent of the budget" error={first(faults, "thresholds")}>
          <MultiCombobox
            value={draft.thresholds}
            onChange={(thresholds) => set({ thresholds })}
            options={[]}
            placeholder="80"
          />
        </Field>
      )}
    </div>
  );
}

/** What is wrong with a list, or with any member of it. */
function first(faults: Faults, field: string): string | undefined {
  const below = (path: string) => path === field || path.startsWith(`${field}[`) || path.startsWith(`${field}.`);
  return Object.entries(faults.at).find(([path]) => below(path))?.[1];
}
