import { useQuery } from "@tanstack/react-query";
import { type ReactElement, useState } from "react";
import { api, call, query } from "../../api/client";
import type { Faults } from "../../lib/faults";
import { Button, Combobox, Field, IconButton, MultiCombobox, NumberInput, Segments, TextInput } from "../../parts";
import { type OverrideDraft, PRICES } from "./override";

export interface OverrideFieldsProps {
  draft: OverrideDraft;
  onChange: (draft: OverrideDraft) => void;
  faults: Faults;
}

const MATCHES = {
  exact: "The model's very name.",
  wildcard: "* stands for anything: gpt-4*.",
  regex: "A regular expression that the whole name must fit.",
};

/** What an override is for, and its prices in dollars per million tokens. */
export function OverrideFields({ draft, onChange, faults }: OverrideFieldsProps): ReactElement {
  const set = (change: Partial<OverrideDraft>) => onChange({ ...draft, ...change });
  // Where it is known which model it is for, the price is what is left to say.
  const [focusPrice] = useState(draft.pattern !== "");
  const providers = useQuery(query("/api/providers"));
  const names = providers.data?.providers.map(({ name }) => ({ value: name })) ?? [];
  return (
    <>
      <Field label="Provider" optional hint="Empty: at every provider." error={faults.at.provider}>
        <Combobox
          value={draft.provider}
          onChange={(provider) => set({ provider })}
          options={names}
          placeholder="every provider"
        />
      </Field>
      <div className="stack-tight">
        <Field label="Models" required hint={MATCHES[draft.match]} error={faults.at.model_pattern}>
          <Combobox
            mono
            value={draft.pattern}
            onChange={(pattern) => set({ pattern })}
            options={{ key: `models at ${draft.provider}`, load: (typed) => models(typed, draft.provider) }}
          />
        </Field>
        <div>
          <Segments
            label="How the name is read"
            value={draft.match}
            onChange={(match) => set({ match })}
            options={[
              { value: "exact", label: "Exact" },
              { value: "wildcard", label: "Wildcard" },
              { value: "regex", label: "Regular expression" },
            ]}
          />
        </div>
      </div>
      <fieldset className="models-prices">
        <legend className="field-label">Dollars per million tokens</legend>
        {(Object.keys(PRICES) as (keyof typeof PRICES)[]).map((field) => (
          <Field key={field} label={PRICES[field]} error={faults.at[field]}>
            <NumberInput
              before="$"
              autoFocus={field === "input_cost_per_token" && focusPrice}
              value={draft.prices[field]}
              onChange={(dollars) => set({ prices: { ...draft.prices, [field]: dollars } })}
            />
          </Field>
        ))}
        <p className="field-hint models-hint">
          What is empty costs what the class it belongs to costs: a cached token as an input token. 0 is free.
        </p>
      </fieldset>
      <details
        className="models-more"
        open={draft.others.length > 0 || draft.from !== "" || draft.until !== "" || undefined}
      >
        <summary>Dates, requests and other prices</summary>
        <div className="stack">
          <div className="models-two">
            <Field label="From" optional hint="A day, or a time in RFC 3339." error={faults.at.effective_from}>
              <TextInput value={draft.from} onChange={(from) => set({ from })} placeholder="2026-01-01" />
            </Field>
            <Field label="Until" optional hint="Not included." error={faults.at.effective_until}>
              <TextInput value={draft.until} onChange={(until) => set({ until })} placeholder="2027-01-01" />
            </Field>
          </div>
          <Field label="Requests" optional hint="Empty: all." error={faults.at.request_types}>
            <MultiCombobox value={draft.requests} onChange={(requests) => set({ requests })} options={REQUESTS} />
          </Field>
          <Others value={draft.others} onChange={(others) => set({ others })} />
          <Field label="Name to show" optional>
            <TextInput value={draft.name} onChange={(name) => set({ name })} placeholder="Our contract of 2026" />
          </Field>
        </div>
      </details>
    </>
  );
}

const REQUESTS = [
  "chat_completion",
  "text_completion",
  "responses",
  "embedding",
  "rerank",
  "speech",
  "transcription",
  "image_generation",
  "moderation",
].map((value) => ({ value }));

function Others({
  value,
  onChange,
}: {
  value: readonly [string, string][];
  onChange: (value: [string, string][]) => void;
}) {
  return (
    <fieldset className="models-others">
      <legend className="field-label">Other prices, in dollars per token or unit</legend>
      {value.map(([field, dollars], at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other name, and stay in their order
        <div key={at} className="models-other">
          <Field label={`Price ${at + 1}: which`} hideLabel>
            <TextInput
              mono
              value={field}
              placeholder="output_cost_per_image"
              onChange={(name) => onChange(value.with(at, [name, dollars]))}
            />
          </Field>
          <Field label={`Price ${at + 1}: dollars`} hideLabel>
            <TextInput
              mono
              value={dollars}
              placeholder="0.04"
              onChange={(text) => onChange(value.with(at, [field, text]))}
            />
          </Field>
          <IconButton
            icon="close"
            size="small"
            label={`Remove price ${at + 1}`}
            onClick={() => onChange(value.toSpliced(at, 1))}
          />
        </div>
      ))}
      <div>
        <Button size="small" kind="quiet" icon="plus" onClick={() => onChange([...value, ["", ""]])}>
          Add a price
        </Button>
      </div>
      <p className="field-hint">
        By the field's name, as in input_cost_per_token_above_200k_tokens for longer prompts, or with _batches at its
        end.
      </p>
    </fieldset>
  );
}

async function models(typed: string, provider: string) {
  const found = await call(
    api.GET("/api/models", {
      params: { query: { limit: 30, ...(typed && { query: typed }), ...(provider && { provider }) } },
    }),
  );
  return [...new Set(found.models.map(({ name }) => name))].map((value) => ({ value }));
}
