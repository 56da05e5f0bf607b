import type { ReactNode } from "react";
import type { components } from "../../api/client";
import { providers, servedModels } from "../../api/completions";
import { Button, Combobox, Field, IconButton, NumberInput, SplitBar, TextInput } from "../../parts";
import { placeName } from "./sentence";

export type Target = components["schemas"]["RoutingTarget"];

/** Where calls go: places with weights, and the split that results. */
export function Targets({
  value,
  onChange,
  error,
}: {
  value: Target[];
  onChange: (value: Target[]) => void;
  error: string | undefined;
}): ReactNode {
  const set = (index: number, change: Partial<Target>) =>
    onChange(value.map((target, at) => (at === index ? { ...target, ...change } : target)));
  return (
    <fieldset className="routing-targets">
      <legend>Where calls go</legend>
      <p className="soft small">
        What a target leaves open stays as it was asked for. Weights are shares of one another.
      </p>
      {value.map((target, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: a target is told by its place
        <div key={index} className="routing-target">
          <Field label="Provider">
            <Combobox
              value={target.provider ?? ""}
              onChange={(provider) => set(index, { provider: provider || null })}
              options={providers}
              placeholder="as asked"
            />
          </Field>
          <Field label="Model">
            <Combobox
              value={target.model ?? ""}
              onChange={(model) => set(index, { model: model || null })}
              options={servedModels(target.provider ?? undefined)}
              placeholder="as asked"
              mono
            />
          </Field>
          <Field label="Provider's key">
            <TextInput
              value={target.key_id ?? ""}
              onChange={(key) => set(index, { key_id: key || null })}
              placeholder="any"
              disabled={!target.provider}
              mono
            />
          </Field>
          <Field label="Weight">
            <NumberInput
              value={target.weight}
              onChange={(weight) => set(index, { weight: weight ?? 0 })}
              min={0}
              step="any"
            />
          </Field>
          <IconButton
            icon="trash"
            label={`Remove target ${index + 1}`}
            disabledBecause={value.length === 1 ? "A rule needs a target." : undefined}
            onClick={() => onChange(value.filter((_, at) => at !== index))}
          />
        </div>
      ))}
      {error && (
        <p className="routing-fault routing-fault-bad small" role="alert">
          {error}
        </p>
      )}
      <div className="row">
        <Button size="small" icon="plus" onClick={() => onChange([...value, { weight: value.at(-1)?.weight ?? 1 }])}>
          Add target
        </Button>
      </div>
      {value.length > 1 && (
        <SplitBar
          label="The split that results"
          parts={value.map((target, index) => ({ label: `${index + 1}. ${placeName(target)}`, weight: target.weight }))}
        />
      )}
    </fieldset>
  );
}
