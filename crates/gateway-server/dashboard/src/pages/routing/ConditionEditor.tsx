import { keepPreviousData, useQuery } from "@tanstack/react-query";
import clsx from "clsx";
import { type KeyboardEvent, type ReactNode, useId, useRef, useState } from "react";
import { api, call, query } from "../../api/client";
import { useDebounced } from "../../lib/useDebounced";
import { Button, Icon, Menu } from "../../parts";
import { useWires } from "../../parts/Field";
import { allNames, type Choice, type Completing, complete, type Fault, insertion, marked, mend, put } from "./editing";

const CHECK = "/api/governance/routing-rules/check";

const EXAMPLES: { label: string; cel: string }[] = [
  { label: "A header says so", cel: 'headers["x-tier"] == "premium"' },
  { label: "A budget runs low", cel: "budget_used > 80" },
  { label: "The model's name begins so", cel: 'model.startsWith("gpt-4")' },
  { label: "A long prompt", cel: "token_estimate > 8000" },
  { label: "A tag of the key or the call", cel: 'tags["env"] in ["dev", "test"]' },
  { label: "Embeddings only", cel: 'request_type == "embedding"' },
  { label: "No stream, and a low temperature", cel: "!stream && params.temperature < 0.3" },
];

/** What the gateway says of a condition, a moment after it was typed. */
export function useCheck(cel: string) {
  const settled = useDebounced(cel);
  const check = useQuery({
    queryKey: [CHECK, settled],
    queryFn: ({ signal }) => call(api.POST(CHECK, { body: { cel_expression: settled, facts: null }, signal })),
    placeholderData: keepPreviousData,
    staleTime: Number.POSITIVE_INFINITY,
  });
  return { ...check, isOld: settled !== cel || check.isPlaceholderData };
}

/** A text area for conditions: checked while one types, with completion by keyboard and names to put in. */
export function ConditionEditor({ value, onChange }: { value: string; onChange: (value: string) => void }): ReactNode {
  const wires = useWires();
  const list = useId();
  const area = useRef<HTMLTextAreaElement>(null);
  const back = useRef<HTMLDivElement>(null);
  const [completing, setCompleting] = useState<Completing>();
  const [chosen, setChosen] = useState(0);
  const names = useQuery({ ...query("/api/governance/routing-rules/schema"), staleTime: Number.POSITIVE_INFINITY });
  const known = names.data?.names ?? [];
  const { data: checked, isOld } = useCheck(value);
  const [errors, warnings] = isOld ? [[], []] : [checked?.errors ?? [], checked?.warnings ?? []];

  const offer = (next: Completing | undefined) => {
    setCompleting(next);
    setChosen(0);
  };
  const insert = (start: number, end: number, inserted: string) => {
    const next = put(value, start, end, inserted);
    onChange(next.text);
    offer(undefined);
    requestAnimationFrame(() => {
      area.current?.focus();
      area.current?.setSelectionRange(next.cursor, next.cursor);
    });
  };
  const take = (choice: Choice) =>
    insert(completing?.start ?? 0, area.current?.selectionEnd ?? value.length, choice.text);
  const onKeyDown = (event: KeyboardEvent<HTMLTextAreaElement>) => {
    if (event.key === " " && event.ctrlKey) {
      event.preventDefault();
      const cursor = event.currentTarget.selectionEnd;
      return offer(complete(value, cursor, known) ?? allNames(cursor, known));
    }
    if (!completing) return;
    const { choices } = completing;
    if (event.key === "ArrowDown" || event.key === "ArrowUp") {
      event.preventDefault();
      setChosen((chosen + (event.key === "ArrowDown" ? 1 : choices.length - 1)) % choices.length);
    } else if (event.key === "Enter" || event.key === "Tab") {
      const choice = choices[chosen];
      if (!choice) return;
      event.preventDefault();
      take(choice);
    } else if (event.key === "Escape") {
      event.preventDefault();
      event.stopPropagation();
      offer(undefined);
    }
  };
  const putAtCursor = (text: string) => {
    const at = area.current?.selectionEnd ?? value.length;
    const spaced = at > 0 && !/[\s([!]$/.test(value.slice(0, at)) ? ` ${text}` : text;
    insert(at, at, spaced);
  };

  return (
    <div className="stack-tight">
      <div className="routing-editor">
        <div className="routing-backdrop mono" aria-hidden="true" ref={back}>
          {marked(value, errors, warnings).map((stretch, index) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: stretches never change places
            <span key={index} className={stretch.tone && `routing-mark-${stretch.tone}`}>
              {stretch.text}
            </span>
          ))}
          {"\n"}
        </div>
        <textarea
          ref={area}
          {...wires}
          className="routing-area mono"
          rows={Math.min(10, Math.max(2, value.split("\n").length + 1))}
          value={value}
          spellCheck={false}
          autoCapitalize="off"
          autoComplete="off"
          placeholder={'model.startsWith("gpt-4") && budget_used > 80'}
          aria-describedby={clsx(wires["aria-describedby"], `${list}-said`)}
          aria-invalid={errors.length > 0 || undefined}
          aria-autocomplete="list"
          {...(completing && { "aria-controls": list, "aria-activedescendant": `${list}-${chosen}` })}
          onChange={(event) => {
            onChange(event.target.value);
            offer(complete(event.target.value, event.target.selectionEnd, known));
          }}
          onKeyDown={onKeyDown}
          onBlur={() => offer(undefined)}
          onScroll={(event) => back.current?.scrollTo(event.currentTarget.scrollLeft, event.currentTarget.scrollTop)}
        />
        {completing && (
          <div className="routing-choices" role="listbox" id={list} aria-label="Completions">
            {completing.choices.map((choice, index) => (
              <div
                key={choice.text}
                id={`${list}-${index}`}
                role="option"
                tabIndex={-1}
                aria-selected={index === chosen}
                className="routing-choice"
                onMouseDown={(event) => {
                  event.preventDefault();
                  take(choice);
                }}
              >
                <span className="mono">{choice.text}</span>
                <span className="soft small truncate">{choice.about}</span>
              </div>
            ))}
          </div>
        )}
      </div>
      <div id={`${list}-said`} role="status" className="stack-tight">
        {[
          ...errors.map((fault) => ({ fault, tone: "bad" as const })),
          ...warnings.map((fault) => ({ fault, tone: "warn" as const })),
        ].map(({ fault, tone }) => (
          <FaultLine
            key={`${fault.position} ${fault.message}`}
            fault={fault}
            tone={tone}
            onMend={() => onChange(mend(value, fault))}
          />
        ))}
        {!isOld && checked?.valid && warnings.length === 0 && (
          <p className="routing-fine small">
            <Icon name="check" />{" "}
            {value.trim() ? "The condition is right." : "Without a condition the rule fits every call."}
          </p>
        )}
      </div>
      <div className="row">
        <Menu
          align="start"
          trigger={
            <Button size="small" icon="bolt">
              Examples
            </Button>
          }
          items={EXAMPLES.map(({ label, cel }) => ({
            label: `${label}: ${cel}`,
            onSelect: () => onChange(value.trim() ? `${value.trimEnd()} && ${cel}` : cel),
          }))}
        />
        <span className="soft small">Written in CEL. Ctrl + Space shows all names.</span>
      </div>
      <details className="routing-names">
        <summary>What a condition may speak of</summary>
        <ul>
          {known.map((name) => (
            <li key={name.name}>
              <button type="button" className="routing-put mono" onClick={() => putAtCursor(insertion(name))}>
                {name.name}
              </button>
              <span className="faint small mono">{name.type}</span>
              <span className="soft small">{name.description}</span>
            </li>
          ))}
        </ul>
      </details>
    </div>
  );
}

/** What is wrong or doubtful, and what to write instead. */
function FaultLine({ fault, tone, onMend }: { fault: Fault; tone: "bad" | "warn"; onMend: () => void }) {
  return (
    <div className={clsx("routing-fault small", `routing-fault-${tone}`)}>
      <Icon name={tone} />
      <span>
        <span className="faint">
          Line {fault.line}, column {fault.column}:{" "}
        </span>
        {fault.message}
      </span>
      {fault.instead && (
        <Button size="small" onClick={onMend}>
          Write {fault.instead}
        </Button>
      )}
    </div>
  );
}
