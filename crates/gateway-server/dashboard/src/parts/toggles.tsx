// Yes or no.

import { type ReactElement, type ReactNode, useId } from "react";
import "./controls.css";

export interface ToggleProps {
  checked: boolean;
  onChange: (checked: boolean) => void;
  label: ReactNode;
  hint?: ReactNode;
  /** Only for screen readers: where the place says already what it is. */
  hideLabel?: boolean;
  disabled?: boolean;
}

/** Takes effect at once: enabled or not. */
export function Switch({ checked, onChange, label, hint, hideLabel, disabled }: ToggleProps): ReactElement {
  const id = useId();
  return (
    <span className="check">
      <button
        type="button"
        role="switch"
        id={id}
        className="switch"
        aria-checked={checked}
        disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
        onClick={() => onChange(!checked)}
      >
        <span className="switch-knob" />
      </button>
      <Beside id={id} label={label} hint={hint} hideLabel={hideLabel} />
    </span>
  );
}

/** Part of a form that is saved later. */
export function Checkbox({ checked, onChange, label, hint, hideLabel, disabled }: ToggleProps): ReactElement {
  const id = useId();
  return (
    <span className="check">
      <input
        type="checkbox"
        id={id}
        className="checkbox"
        checked={checked}
        onChange={(event) => onChange(event.target.checked)}
        disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
      />
      <Beside id={id} label={label} hint={hint} hideLabel={hideLabel} />
    </span>
  );
}

function Beside({ id, label, hint, hideLabel }: Pick<ToggleProps, "label" | "hint" | "hideLabel"> & { id: string }) {
  return (
    <span className={hideLabel ? "sr-only" : "check-text"}>
      <label htmlFor={id}>{label}</label>
      {hint && (
        <span className="field-hint" id={`${id}-hint`}>
          {hint}
        </span>
      )}
    </span>
  );
}
