import { type ReactElement, useState } from "react";
import { moment, RANGES, type RangeName, type RangeSearch, rangeName, spanOf, toLocalInput } from "../lib/time";
import { Button } from "./Button";
import { Field } from "./Field";
import { TextInput } from "./inputs";
import { Segments } from "./layout";
import { Popover } from "./Menu";

export interface RangePickerProps {
  /** The page's search parameters, or the three of them that say the range. */
  value: RangeSearch;
  /** Takes all three, so that an old beginning does not stay in the address. */
  onChange: (
    range: Required<Pick<RangeSearch, "range">> & { from: string | undefined; to: string | undefined },
  ) => void;
  /** Those to choose from; all of them unless said otherwise. */
  ranges?: readonly Exclude<RangeName, "custom">[];
  fallback?: RangeName;
}

/** Chooses a range of time: one of the usual ones, or from and to. */
export function RangePicker({ value, onChange, ranges, fallback = "24h" }: RangePickerProps): ReactElement {
  const name = rangeName(value, fallback);
  const names = ranges ?? (Object.keys(RANGES) as (keyof typeof RANGES)[]);
  const [open, setOpen] = useState(false);
  const span = spanOf(value, new Date(), fallback);
  return (
    <div className="row">
      <Segments<RangeName>
        label="Range of time"
        value={name}
        onChange={(range) => onChange({ range, from: undefined, to: undefined })}
        options={names.map((range) => ({ value: range, label: range === "live" ? "Live" : range }))}
      />
      <Popover
        label="From and to"
        open={open}
        onOpenChange={setOpen}
        align="end"
        trigger={
          <Button
            size="small"
            icon="clock"
            kind={name === "custom" ? "plain" : "quiet"}
            aria-pressed={name === "custom"}
          >
            {name === "custom" ? `${short(span.from)} – ${short(span.to)}` : "Custom"}
          </Button>
        }
      >
        <Custom
          from={toLocalInput(span.from)}
          to={toLocalInput(span.to)}
          onChoose={(from, to) => {
            setOpen(false);
            onChange({ range: "custom", from, to });
          }}
        />
      </Popover>
    </div>
  );
}

function Custom({ from, to, onChoose }: { from: string; to: string; onChoose: (from: string, to: string) => void }) {
  const [ends, setEnds] = useState({ from, to });
  const [first, last] = [moment(ends.from), moment(ends.to)];
  const problem = !first ? "Say when it begins." : last && last <= first ? "It must end after it begins." : undefined;
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (first && !problem) onChoose(first.toISOString(), (last ?? new Date()).toISOString());
      }}
    >
      <Field label="From">
        <TextInput type="datetime-local" value={ends.from} onChange={(value) => setEnds({ ...ends, from: value })} />
      </Field>
      <Field label="To" error={problem}>
        <TextInput type="datetime-local" value={ends.to} onChange={(value) => setEnds({ ...ends, to: value })} />
      </Field>
      <Button kind="primary" type="submit">
        Show
      </Button>
    </form>
  );
}

function short(date: Date): string {
  return date.toLocaleString("en-GB", { day: "numeric", month: "short", hour: "2-digit", minute: "2-digit" });
}
