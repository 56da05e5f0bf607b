// Inputs of one value. Each stands in a `Field`, or has an `aria-label`.

import clsx from "clsx";
import {
  type InputHTMLAttributes,
  type ReactElement,
  type ReactNode,
  type Ref,
  type TextareaHTMLAttributes,
  useEffect,
  useState,
} from "react";
import "./controls.css";
import { useWires } from "./Field";
import { Icon } from "./icons";

type Attributes = Omit<InputHTMLAttributes<HTMLInputElement>, "value" | "onChange" | "type">;

export interface TextInputProps extends Attributes {
  value: string;
  onChange: (value: string) => void;
  type?: "text" | "password" | "email" | "url" | "search" | "datetime-local";
  /** For ids, keys, URLs and code. */
  mono?: boolean;
  ref?: Ref<HTMLInputElement>;
}

export function TextInput({ value, onChange, mono, className, id, ...rest }: TextInputProps): ReactElement {
  const wires = useWires({ id });
  return (
    <input
      type="text"
      autoComplete="off"
      spellCheck={false}
      {...wires}
      {...rest}
      className={clsx("input", mono && "input-mono", className)}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

export interface TextAreaProps extends Omit<TextareaHTMLAttributes<HTMLTextAreaElement>, "value" | "onChange"> {
  value: string;
  onChange: (value: string) => void;
  mono?: boolean;
  ref?: Ref<HTMLTextAreaElement>;
}

export function TextArea({ value, onChange, mono, className, id, ...rest }: TextAreaProps): ReactElement {
  const wires = useWires({ id });
  return (
    <textarea
      rows={4}
      spellCheck={!mono}
      {...wires}
      {...rest}
      className={clsx("input", mono && "input-mono", className)}
      value={value}
      onChange={(event) => onChange(event.target.value)}
    />
  );
}

export interface NumberInputProps extends Attributes {
  value: number | undefined;
  /** `undefined` where the field is empty or holds no number. */
  onChange: (value: number | undefined) => void;
  /** Stands before or after the number: `$`, `seconds`. */
  before?: ReactNode;
  unit?: ReactNode;
  ref?: Ref<HTMLInputElement>;
}

/** A number. Keeps what is being typed (`1.`, `-`) until it is one. */
export function NumberInput({ value, onChange, before, unit, className, id, ...rest }: NumberInputProps): ReactElement {
  const wires = useWires({ id });
  const [typed, setTyped] = useState(value === undefined ? "" : String(value));
  useEffect(() => {
    setTyped((now) => (read(now) === value ? now : value === undefined ? "" : String(value)));
  }, [value]);
  return (
    <span className={clsx("input-group", className)} data-invalid={wires["aria-invalid"]}>
      {before && <span className="input-unit">{before}</span>}
      <input
        type="text"
        inputMode="decimal"
        autoComplete="off"
        {...wires}
        {...rest}
        value={typed}
        onChange={(event) => {
          setTyped(event.target.value);
          onChange(read(event.target.value));
        }}
      />
      {unit && <span className="input-unit">{unit}</span>}
    </span>
  );
}

function read(typed: string): number | undefined {
  const digits = typed.trim().replaceAll(/[,_\s]/g, "");
  const value = Number(digits);
  return digits === "" || !Number.isFinite(value) ? undefined : value;
}

export interface Option<V extends string = string> {
  value: V;
  label: string;
  disabled?: boolean;
}

export interface SelectProps<V extends string> {
  value: V;
  onChange: (value: V) => void;
  options: readonly Option<V>[];
  id?: string;
  disabled?: boolean;
  "aria-label"?: string;
  className?: string;
}

/** One of a few. The browser's own control: it is right on a phone and with a screen reader. */
export function Select<V extends string>({
  value,
  onChange,
  options,
  id,
  className,
  ...rest
}: SelectProps<V>): ReactElement {
  const wires = useWires({ id });
  return (
    <span className={clsx("select", className)}>
      <select
        {...wires}
        {...rest}
        className="input"
        value={value}
        onChange={(event) => {
          const chosen = options.find((option) => option.value === event.target.value);
          if (chosen) onChange(chosen.value);
        }}
      >
        {options.map((option) => (
          <option key={option.value} value={option.value} disabled={option.disabled}>
            {option.label}
          </option>
        ))}
      </select>
      <Icon name="down" />
    </span>
  );
}

/** A search field with its sign; `/` anywhere on the page puts the cursor into it. */
export function SearchInput({
  value,
  onChange,
  label = "Search",
  ...rest
}: Attributes & { value: string; onChange: (value: string) => void; label?: string }): ReactElement {
  return (
    <span className="input-group search-input">
      <Icon name="search" />
      <input
        type="search"
        autoComplete="off"
        spellCheck={false}
        aria-label={label}
        placeholder={label}
        data-page-search=""
        {...rest}
        value={value}
        onChange={(event) => onChange(event.target.value)}
        onKeyDown={(event) => {
          if (event.key === "Escape") event.currentTarget.blur();
        }}
      />
    </span>
  );
}
