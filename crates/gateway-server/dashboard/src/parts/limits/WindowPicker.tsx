import { type ReactElement, useState } from "react";
import { Field } from "../Field";
import { Select, TextInput } from "../inputs";
import { spanSeconds, spanWords, WINDOWS } from "./windows";

const OTHER = "other";

export interface WindowPickerProps {
  /** `Window of budget 1`. */
  label: string;
  value: string;
  onChange: (span: string) => void;
  error?: string | undefined;
}

/** How long a window lasts: one of the usual lengths, or any other. */
export function WindowPicker({ label, value, onChange, error }: WindowPickerProps): ReactElement {
  const usual = (WINDOWS as readonly string[]).includes(value);
  const [other, setOther] = useState(!usual);
  const wrong =
    spanSeconds(value) === undefined ? "A number and a unit: 90m, 12h, 30d (ms s m h d w M Q Y)." : undefined;
  return (
    <div className="limits-window">
      <Field label={label} hideLabel error={other ? undefined : error}>
        <Select
          value={other ? OTHER : value}
          onChange={(chosen) => {
            setOther(chosen === OTHER);
            if (chosen !== OTHER) onChange(chosen);
          }}
          options={[
            ...WINDOWS.map((span) => ({ value: span as string, label: `per ${spanWords(span)}` })),
            { value: OTHER, label: "per other length…" },
          ]}
        />
      </Field>
      {other && (
        <Field label={`${label}, as a length`} hideLabel error={error ?? wrong}>
          <TextInput value={value} onChange={(text) => onChange(text.trim())} mono placeholder="12h" size={5} />
        </Field>
      )}
    </div>
  );
}
