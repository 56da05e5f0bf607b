import type { ReactElement } from "react";
import type { components } from "../../../api/client";
import type { Faults } from "../../../lib/faults";
import { Button, Checkbox, Field, MultiCombobox, NumberInput, TextArea, TextInput } from "../../../parts";
import type { ProviderKind } from "../health";
import { lookUpModels } from "../models";
import { Coded } from "./Coded";
import type { Extra, KeyDraft } from "./draft";
import { Folded } from "./Folded";
import { Pairs } from "./Pairs";

type KeyField = components["schemas"]["KeyField"];

export interface KeyFieldsProps {
  draft: KeyDraft;
  onChange: (draft: KeyDraft) => void;
  kind: ProviderKind | undefined;
  /** What the gateway says of these fields, by their paths within the key. */
  faults: Faults;
  /** The provider, once it is there: its models complete the names. */
  provider?: string | undefined;
  /** One that is there already: its value is shown redacted, and stays unless another is written. */
  known?: boolean;
}

/** A key: its value, what its cloud needs beside it, and its share. */
export function KeyFields({ draft, onChange, kind, faults, provider, known }: KeyFieldsProps): ReactElement {
  const set = (change: Partial<KeyDraft>) => onChange({ ...draft, ...change });
  const fields = kind?.key_fields ?? [];
  const rare = fields.filter((field) => !field.usual);
  const extra = (field: KeyField) => (
    <ExtraField
      key={field.path}
      field={field}
      value={draft.extras[field.path]}
      error={faults.at[field.path]}
      onChange={(value) => set({ extras: { ...draft.extras, [field.path]: value } })}
    />
  );
  const variable = kind?.variable_is_set ? kind.variable : undefined;
  return (
    <div className="stack">
      <Field
        label={kind?.key_fields.length ? "API key" : "Value"}
        optional={!kind?.needs_value}
        error={faults.at.value}
        hint={
          known
            ? "Shown redacted. Leave it as it is to keep it, or write another one."
            : `The credential, or env.NAME for a variable of the gateway. Encrypted at rest and never shown again.${
                kind && kind.name !== "ollama" ? ` Sent as ${kind.presented_as}.` : ""
              }`
        }
      >
        <Secret placeholder="sk-… or env.NAME" value={draft.value} onChange={(value) => set({ value })} />
      </Field>
      {variable && draft.value !== `env.${variable}` && (
        <div>
          <Button size="small" icon="link" onClick={() => set({ value: `env.${variable}` })}>
            {`Use env.${variable}, which is set`}
          </Button>
        </div>
      )}
      {fields.filter((field) => field.usual).map(extra)}
      {rare.length > 0 && (
        <Folded
          label={`More of ${kind?.title ?? "this kind"}`}
          open={rare.some(({ path }) => faults.at[path] !== undefined)}
        >
          {rare.map(extra)}
        </Folded>
      )}
      <Folded
        label="Name, share and models of this key"
        open={faults.at.name !== undefined || faults.at.weight !== undefined}
      >
        <div className="providers-two">
          <Field label="Name" error={faults.at.name}>
            <TextInput value={draft.name} onChange={(name) => set({ name })} />
          </Field>
          <Field label="Weight" hint="Its share among the provider's keys." error={faults.at.weight}>
            <NumberInput value={draft.weight} onChange={(weight) => set({ weight })} />
          </Field>
        </div>
        <Field label="Models" optional hint="Only for these. Empty: for all." error={faults.at.models}>
          <MultiCombobox
            mono
            value={draft.models}
            onChange={(models) => set({ models })}
            options={provider ? lookUpModels(provider) : []}
          />
        </Field>
        <Pairs
          legend="Other names of models"
          hint="A model that is asked for by the first name is called by the second upstream."
          value={draft.aliases}
          onChange={(aliases) => set({ aliases })}
          names={["asked for", "called upstream"]}
          add="Add a name"
        />
        <Checkbox checked={draft.enabled} onChange={(enabled) => set({ enabled })} label="May be used" />
      </Folded>
    </div>
  );
}

interface SecretProps {
  value: string;
  onChange: (value: string) => void;
  placeholder?: string;
}

/** A secret is hidden while it is typed; the name of a variable and a redacted value are not secret. */
function Secret({ value, onChange, placeholder = "env.NAME" }: SecretProps) {
  const open = value === "" || value.startsWith("env.") || value.includes("***");
  return (
    <TextInput
      mono
      type={open ? "text" : "password"}
      autoComplete="new-password"
      value={value}
      onChange={onChange}
      placeholder={placeholder}
    />
  );
}

interface ExtraFieldProps {
  field: KeyField;
  value: Extra | undefined;
  error: string | undefined;
  onChange: (value: Extra) => void;
}

function ExtraField({ field, value, error, onChange }: ExtraFieldProps) {
  const { label, help, sort } = field;
  if (sort === "map") {
    const pairs = Array.isArray(value) ? value.filter((pair): pair is [string, string] => Array.isArray(pair)) : [];
    return (
      <Pairs
        legend={label}
        hint={<Coded text={help} />}
        value={pairs}
        onChange={onChange}
        names={["model", "name upstream"]}
        add="Add a model"
      />
    );
  }
  if (sort === "list") {
    const list = Array.isArray(value) ? value.filter((one) => typeof one === "string") : [];
    return (
      <Field label={label} hint={<Coded text={help} />} error={error} optional>
        <MultiCombobox mono value={list} onChange={onChange} options={[]} />
      </Field>
    );
  }
  const text = typeof value === "string" ? value : "";
  return (
    <Field label={label} hint={<Coded text={help} />} error={error} optional>
      {field.path.endsWith("auth_credentials") ? (
        <TextArea mono rows={3} value={text} onChange={onChange} />
      ) : sort === "secret" ? (
        <Secret value={text} onChange={onChange} />
      ) : (
        <TextInput mono value={text} onChange={onChange} />
      )}
    </Field>
  );
}
