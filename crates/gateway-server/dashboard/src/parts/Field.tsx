import { createContext, type ReactElement, type ReactNode, useContext, useId } from "react";
import "./controls.css";

interface Wires {
  id: string;
  describedBy: string | undefined;
  invalid: boolean;
  required: boolean;
}

const FieldContext = createContext<Wires | undefined>(undefined);

export interface FieldProps {
  label: ReactNode;
  /** What it is for, or an example. */
  hint?: ReactNode;
  /** What is wrong, and what would be right. */
  error?: string | undefined | null;
  /** Says "optional" beside the label. */
  optional?: boolean;
  required?: boolean;
  /** Only for screen readers: where the place says already what it is. */
  hideLabel?: boolean;
  children: ReactNode;
}

/** A label around one control of this folder: they find their id, hint and error through it. */
export function Field({
  label,
  hint,
  error,
  optional,
  required = false,
  hideLabel,
  children,
}: FieldProps): ReactElement {
  const id = useId();
  const hintId = hint ? `${id}-hint` : undefined;
  const errorId = error ? `${id}-error` : undefined;
  const describedBy = [errorId, hintId].filter(Boolean).join(" ") || undefined;
  return (
    <div className="field">
      <label className={hideLabel ? "sr-only" : "field-label"} htmlFor={id}>
        {label}
        {optional && <span className="field-optional">optional</span>}
      </label>
      <FieldContext value={{ id, describedBy, invalid: Boolean(error), required }}>{children}</FieldContext>
      {error && (
        <p className="field-error" id={errorId} role="alert">
          {error}
        </p>
      )}
      {hint && (
        <p className="field-hint" id={hintId}>
          {hint}
        </p>
      )}
    </div>
  );
}

/** What a control takes from the field around it. */
export function useWires(own: { id?: string | undefined } = {}) {
  const field = useContext(FieldContext);
  const fallback = useId();
  return {
    id: own.id ?? field?.id ?? fallback,
    "aria-describedby": field?.describedBy,
    "aria-invalid": field?.invalid || undefined,
    "aria-required": field?.required || undefined,
  };
}
