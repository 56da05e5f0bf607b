import { useQuery } from "@tanstack/react-query";
import { type KeyboardEvent, type ReactElement, useDeferredValue, useId, useRef, useState } from "react";
import "./controls.css";
import { useWires } from "./Field";
import { Icon } from "./icons";
import { useBelow } from "./useBelow";

export interface Completion {
  value: string;
  label?: string;
  /** Beside it, quietly: a price, a provider. */
  detail?: string;
}

/** A fixed list, or what a lookup gives for what was typed. */
export type Completions = readonly Completion[] | { key: string; load: (typed: string) => Promise<Completion[]> };

interface Common {
  options: Completions;
  placeholder?: string;
  disabled?: boolean;
  mono?: boolean;
  /** Only what is in the list may be chosen. */
  strict?: boolean;
  "aria-label"?: string;
}

export interface ComboboxProps extends Common {
  value: string;
  onChange: (value: string) => void;
}

/** Free text with completion. */
export function Combobox({ value, onChange, ...rest }: ComboboxProps): ReactElement {
  const [typed, setTyped] = useState<string>();
  return (
    <Completing
      {...rest}
      typed={typed ?? value}
      filters={typed !== undefined}
      onType={(text) => {
        setTyped(text);
        if (!rest.strict) onChange(text);
      }}
      onChoose={(chosen) => {
        onChange(chosen);
        setTyped(undefined);
      }}
      onLeave={() => setTyped(undefined)}
    />
  );
}

export interface MultiComboboxProps extends Common {
  value: readonly string[];
  onChange: (value: string[]) => void;
}

/** Several texts with completion, shown as chips; Enter or a comma adds one, Backspace takes the last away. */
export function MultiCombobox({ value, onChange, options, strict, ...rest }: MultiComboboxProps): ReactElement {
  const [typed, setTyped] = useState("");
  const add = (text: string) => {
    const added = text.split(",").map((part) => part.trim());
    onChange([...new Set([...value, ...added.filter(Boolean)])]);
    setTyped("");
  };
  return (
    <Completing
      {...rest}
      options={options}
      strict={strict}
      typed={typed}
      filters
      taken={value}
      onType={(text) => (text.endsWith(",") && !strict ? add(text) : setTyped(text))}
      onChoose={add}
      onLeave={() => (typed.trim() && !strict ? add(typed) : setTyped(""))}
      onRemove={(gone) => onChange(value.filter((text) => text !== gone))}
    />
  );
}

interface CompletingProps extends Common {
  typed: string;
  /** Whether what stands in the field narrows the list: not before something was typed. */
  filters: boolean;
  taken?: readonly string[];
  onType: (text: string) => void;
  onChoose: (value: string) => void;
  onLeave: () => void;
  onRemove?: (value: string) => void;
}

function Completing(props: CompletingProps): ReactElement {
  const {
    typed,
    filters,
    taken = [],
    placeholder,
    disabled,
    mono,
    strict,
    onType,
    onChoose,
    onLeave,
    onRemove,
  } = props;
  const wires = useWires();
  const list = useId();
  const input = useRef<HTMLInputElement>(null);
  const [open, setOpen] = useState(false);
  const [active, setActive] = useState(-1);
  const { found, loading, problem } = useCompletions(props.options, filters ? typed : "", open, taken);
  const shown = open && (found.length > 0 || loading || problem !== undefined || (strict === true && typed !== ""));

  const box = useRef<HTMLDivElement>(null);
  const place = useBelow(box, shown);

  const choose = (value: string) => {
    onChoose(value);
    setActive(-1);
    setOpen(onRemove !== undefined);
    input.current?.focus();
  };
  const onKeyDown = (event: KeyboardEvent<HTMLInputElement>) => {
    const marked = found[active];
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setOpen(true);
      const step = event.key === "ArrowDown" ? 1 : -1;
      setActive((now) => (found.length === 0 ? -1 : (now + step + found.length) % found.length));
    } else if (event.key === "Enter" && shown && marked) {
      event.preventDefault();
      choose(marked.value);
    } else if (event.key === "Enter" && onRemove && typed.trim() && !strict) {
      event.preventDefault();
      choose(typed);
    } else if (event.key === "Escape" && shown) {
      event.preventDefault();
      setOpen(false);
    } else if (event.key === "Backspace" && typed === "" && onRemove) {
      const last = taken.at(-1);
      if (last !== undefined) onRemove(last);
    }
  };

  return (
    <div className="combobox">
      <div ref={box} className="input-group" data-invalid={wires["aria-invalid"]}>
        {onRemove &&
          taken.map((value) => <Chip key={value} value={value} onRemove={disabled ? undefined : onRemove} />)}
        <input
          {...wires}
          ref={input}
          type="text"
          role="combobox"
          className={mono ? "mono" : undefined}
          aria-label={props["aria-label"]}
          aria-expanded={shown}
          aria-controls={list}
          aria-autocomplete="list"
          aria-activedescendant={shown && found[active] ? `${list}-${active}` : undefined}
          autoComplete="off"
          spellCheck={false}
          placeholder={taken.length > 0 ? undefined : placeholder}
          disabled={disabled}
          value={typed}
          onFocus={() => setOpen(true)}
          onClick={() => setOpen(true)}
          onChange={(event) => {
            setActive(-1);
            setOpen(true);
            onType(event.target.value);
          }}
          onBlur={() => {
            setOpen(false);
            onLeave();
          }}
          onKeyDown={onKeyDown}
        />
      </div>
      {/* The list is there even while it is empty, so that `aria-controls` points at something. */}
      <div
        id={list}
        role="listbox"
        className="combobox-list"
        hidden={!shown}
        data-layer={shown ? "" : undefined}
        style={place}
        aria-label="Suggestions"
        onMouseDown={(event) => event.preventDefault()}
      >
        {found.map((option, index) => (
          // biome-ignore lint/a11y/useKeyWithClickEvents: keys go to the input, which marks options by aria-activedescendant
          <div
            key={option.value}
            id={`${list}-${index}`}
            role="option"
            tabIndex={-1}
            aria-selected={index === active}
            data-active={index === active ? "" : undefined}
            className="combobox-option"
            ref={index === active ? (node) => node?.scrollIntoView({ block: "nearest" }) : undefined}
            onMouseMove={() => setActive(index)}
            onClick={() => choose(option.value)}
          >
            <span className={mono ? "mono" : undefined}>{option.label ?? option.value}</span>
            {option.detail && <span className="combobox-detail">{option.detail}</span>}
          </div>
        ))}
        {found.length === 0 && (
          <p className="combobox-note">{loading ? "Looking…" : (problem ?? "Nothing of that name")}</p>
        )}
      </div>
    </div>
  );
}

function Chip({ value, onRemove }: { value: string; onRemove: ((value: string) => void) | undefined }) {
  return (
    <span className="chip">
      {value}
      {onRemove && (
        <button type="button" aria-label={`Remove ${value}`} onClick={() => onRemove(value)}>
          <Icon name="close" size={12} />
        </button>
      )}
    </span>
  );
}

const MOST_SHOWN = 100;

function useCompletions(options: Completions, typed: string, open: boolean, taken: readonly string[]) {
  const wanted = useDeferredValue(typed.trim());
  const lookup = "load" in options ? options : undefined;
  const answer = useQuery({
    queryKey: ["completions", lookup?.key ?? "", wanted],
    queryFn: () => lookup?.load(wanted) ?? [],
    enabled: open && lookup !== undefined,
    placeholderData: (before) => before,
    staleTime: 30_000,
  });
  const all = "load" in options ? (answer.data ?? []) : matching(options, typed.trim());
  return {
    found: all.filter((option) => !taken.includes(option.value)).slice(0, MOST_SHOWN),
    loading: lookup !== undefined && answer.isPending,
    problem: answer.error?.message,
  };
}

/** Those that hold all the words, the ones that begin with what was typed first. */
function matching(options: readonly Completion[], typed: string): readonly Completion[] {
  if (!typed) return options;
  const words = typed.toLowerCase().split(/\s+/);
  const hits = options.filter((option) => {
    const text = `${option.value} ${option.label ?? ""}`.toLowerCase();
    return words.every((word) => text.includes(word));
  });
  const begins = (option: Completion) => Number(!option.value.toLowerCase().startsWith(typed.toLowerCase()));
  return hits.toSorted((one, other) => begins(one) - begins(other));
}
