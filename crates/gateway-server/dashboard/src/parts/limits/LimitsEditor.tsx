import type { ReactElement } from "react";
import { type Faults, faultsAt, NO_FAULTS } from "../../lib/faults";
import { Button, IconButton } from "../Button";
import { Field } from "../Field";
import { NumberInput } from "../inputs";
import { Checkbox } from "../toggles";
import { useNow } from "../values";
import { type BudgetDraft, type LimitsDraft, newBudget, type RateDraft } from "./draft";
import "./limits.css";
import { WindowPicker } from "./WindowPicker";
import { budgetWords, canAlign, spanSeconds } from "./windows";

export interface LimitsEditorProps {
  value: LimitsDraft;
  onChange: (value: LimitsDraft) => void;
  /** What the gateway says of these fields: `budgets[0].max_limit`, `rate_limit.request_burst`. */
  faults?: Faults;
}

/** Budgets and a rate limit, whoever's they are. */
export function LimitsEditor({ value, onChange, faults = NO_FAULTS }: LimitsEditorProps): ReactElement {
  const set = (change: Partial<LimitsDraft>) => onChange({ ...value, ...change });
  const replace = (at: number, budget: BudgetDraft) => set({ budgets: value.budgets.with(at, budget) });
  const all = [...value.budgets.keys()];
  return (
    <div className="stack">
      <fieldset className="limits-group">
        <legend>Budgets</legend>
        {value.budgets.map((budget, at) => (
          <BudgetFields
            key={budget.key}
            number={at + 1}
            budget={budget}
            // One budget may be told of as `budget`.
            faults={merged(faultsAt(faults, `budgets[${at}]`), at === 0 ? faultsAt(faults, "budget") : NO_FAULTS)}
            onChange={(changed) => replace(at, changed)}
            onRemove={() =>
              set({ budgets: all.filter((one) => one !== at).flatMap((one) => value.budgets[one] ?? []) })
            }
          />
        ))}
        {value.budgets.length === 0 && <p className="soft small">No budget: money is not limited here.</p>}
        <div>
          <Button size="small" icon="plus" onClick={() => set({ budgets: [...value.budgets, newBudget()] })}>
            Add a budget
          </Button>
        </div>
      </fieldset>
      <RateFields value={value} set={set} faults={faultsAt(faults, "rate_limit")} />
    </div>
  );
}

interface BudgetFieldsProps {
  number: number;
  budget: BudgetDraft;
  faults: Faults;
  onChange: (budget: BudgetDraft) => void;
  onRemove: () => void;
}

function BudgetFields({ number, budget, faults, onChange, onRemove }: BudgetFieldsProps): ReactElement {
  const now = useNow(60_000);
  const { limit, span, aligned } = budget;
  const name = `Budget ${number}`;
  const known = limit !== undefined && limit >= 0 && spanSeconds(span) !== undefined;
  return (
    <div className="limits-row">
      <div className="limits-fields">
        <Field label={`${name}, dollars`} hideLabel error={faults.at.max_limit}>
          <NumberInput
            value={limit}
            onChange={(most) => onChange({ ...budget, limit: most })}
            before="$"
            autoFocus={!budget.id}
          />
        </Field>
        <WindowPicker
          label={`${name}, window`}
          value={span}
          error={faults.at.reset_duration}
          onChange={(length) => onChange({ ...budget, span: length, aligned: aligned && canAlign(length) })}
        />
        <Checkbox
          checked={aligned}
          disabled={!canAlign(span)}
          onChange={(on) => onChange({ ...budget, aligned: on })}
          label="Calendar"
        />
        <IconButton icon="trash" size="small" label={`Remove budget ${number}`} onClick={onRemove} />
      </div>
      {faults.at[""] && <p className="field-error">{faults.at[""]}</p>}
      {known && <p className="field-hint">{budgetWords({ limit, span, aligned }, now)}.</p>}
    </div>
  );
}

interface RateFieldsProps {
  value: LimitsDraft;
  set: (change: Partial<LimitsDraft>) => void;
  faults: Faults;
}

function RateFields({ value, set, faults }: RateFieldsProps): ReactElement {
  const windows = [value.requests, value.tokens].filter((rate) => rate.most !== undefined);
  const alignable = windows.length > 0 && windows.every((rate) => canAlign(rate.span));
  return (
    <fieldset className="limits-group">
      <legend>Rate limits</legend>
      <RateRow
        name="Requests"
        prefix="request"
        rate={value.requests}
        faults={faults}
        onChange={(requests) => set({ requests })}
      />
      <RateRow
        name="Tokens"
        prefix="token"
        rate={value.tokens}
        faults={faults}
        onChange={(tokens) => set({ tokens })}
      />
      <div className="limits-row">
        <div className="limits-fields">
          <span className="limits-name">At the same time</span>
          <Field label="Requests at the same time" hideLabel error={faults.at.max_in_flight}>
            <NumberInput value={value.inFlight} onChange={(inFlight) => set({ inFlight })} placeholder="no limit" />
          </Field>
        </div>
      </div>
      {alignable && (
        <Checkbox
          checked={value.rateAligned}
          onChange={(rateAligned) => set({ rateAligned })}
          label="Windows follow the UTC calendar"
        />
      )}
    </fieldset>
  );
}

interface RateRowProps {
  name: string;
  prefix: "request" | "token";
  rate: RateDraft;
  faults: Faults;
  onChange: (rate: RateDraft) => void;
}

function RateRow({ name, prefix, rate, faults, onChange }: RateRowProps): ReactElement {
  const limited = rate.most !== undefined;
  const field = (what: string) => faults.at[`${prefix}_${what}`];
  return (
    <div className="limits-row">
      <div className="limits-fields">
        <span className="limits-name">{name}</span>
        <Field label={`${name} per window`} hideLabel error={field("max_limit")}>
          <NumberInput value={rate.most} onChange={(most) => onChange({ ...rate, most })} placeholder="no limit" />
        </Field>
        {limited && (
          <>
            <WindowPicker
              label={`${name}, window`}
              value={rate.span}
              error={field("reset_duration")}
              onChange={(span) => onChange({ ...rate, span })}
            />
            <div className="limits-burst">
              <Field label={`${name} at once`} hideLabel error={field("burst")}>
                <NumberInput
                  value={rate.burst}
                  onChange={(burst) => onChange({ ...rate, burst })}
                  placeholder="all"
                  before="at once"
                />
              </Field>
            </div>
          </>
        )}
      </div>
    </div>
  );
}

function merged(one: Faults, other: Faults): Faults {
  return { at: { ...other.at, ...one.at }, rest: "" };
}
