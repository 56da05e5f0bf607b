// Yes or no.

import { Checkbox as RadixCheckbox, Switch as RadixSwitch } from "radix-ui";
import { type ReactElement, type ReactNode, useId } from "react";
import "./controls.css";
import { Icon } from "./icons";

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
      <RadixSwitch.Root
        id={id}
        className="switch"
        checked={checked}
        onCheckedChange={onChange}
        disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
      >
        <RadixSwitch.Thumb className="switch-knob" />
      </RadixSwitch.Root>
      <Beside id={id} label={label} hint={hint} hideLabel={hideLabel} />
    </span>
  );
}

/** Part of a form that is saved later. */
export function Checkbox({ checked, onChange, label, hint, hideLabel, disabled }: ToggleProps): ReactElement {
  const id = useId();
  return (
    <span className="check">
      <RadixCheckbox.Root
        id={id}
        className="checkbox"
        checked={checked}
        onCheckedChange={(state) => onChange(state === true)}
        disabled={disabled}
        aria-describedby={hint ? `${id}-hint` : undefined}
      >
        <RadixCheckbox.Indicator asChild>
          <span>
            <Icon name="check" size={12} />
          </span>
        </RadixCheckbox.Indicator>
      </RadixCheckbox.Root>
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
