import type { ReactElement, ReactNode } from "react";
import { Button, Field, IconButton, TextInput } from "../../../parts";

export interface PairsProps {
  /** What the whole is called. */
  legend: string;
  hint?: ReactNode;
  value: readonly [string, string][];
  onChange: (value: [string, string][]) => void;
  /** What the two sides are called. */
  names: readonly [string, string];
  /** `Add a header`. */
  add: string;
}

/** Texts by name: headers, deployments, other names of models. */
export function Pairs({ legend, hint, value, onChange, names, add }: PairsProps): ReactElement {
  const set = (at: number, pair: [string, string]) => onChange(value.with(at, pair));
  return (
    <fieldset className="providers-pairs">
      <legend className="field-label">{legend}</legend>
      {value.map(([from, to], at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: rows have no other name, and stay in their order
        <div className="providers-pair" key={at}>
          <Field label={`${legend}, row ${at + 1}: ${names[0]}`} hideLabel>
            <TextInput mono value={from} placeholder={names[0]} onChange={(text) => set(at, [text, to])} />
          </Field>
          <Field label={`${legend}, row ${at + 1}: ${names[1]}`} hideLabel>
            <TextInput mono value={to} placeholder={names[1]} onChange={(text) => set(at, [from, text])} />
          </Field>
          <IconButton
            icon="close"
            size="small"
            label={`Remove row ${at + 1} of ${legend}`}
            onClick={() => onChange(value.toSpliced(at, 1))}
          />
        </div>
      ))}
      <div>
        <Button size="small" kind="quiet" icon="plus" onClick={() => onChange([...value, ["", ""]])}>
          {add}
        </Button>
      </div>
      {hint && <p className="field-hint">{hint}</p>}
    </fieldset>
  );
}
