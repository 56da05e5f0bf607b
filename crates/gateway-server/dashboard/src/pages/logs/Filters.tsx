// The filter bar: text, what is asked for most, everything else behind a button, and a chip for each filter that is set.

import { type ReactElement, useState } from "react";
import {
  Button,
  Checkbox,
  Field,
  FilterBar,
  FilterChip,
  MultiCombobox,
  NumberInput,
  Popover,
  RangePicker,
  SearchInput,
} from "../../parts";
import {
  chips,
  cleared,
  FIGURES,
  type FigureFilter,
  figureFilters,
  LISTS,
  type ListFilter,
  listFilters,
} from "./filters";
import type { Names } from "./names";
import type { LogsSearch } from "./search";

interface FiltersProps {
  search: LogsSearch;
  /** Changes the address; a change of filters begins at the first page. */
  set: (change: Partial<LogsSearch>) => void;
  names: Names;
}

/** Those that have a button of their own. */
const FIRST: readonly ListFilter[] = ["provider", "model", "key", "status"];

export function Filters({ search, set, names }: FiltersProps): ReactElement {
  const shown = chips(search, names.of);
  return (
    <div className="stack-tight">
      <FilterBar onClear={shown.length > 0 || search.q ? () => set(cleared()) : undefined}>
        <SearchInput
          label="Search in models, errors, tags and kept content"
          value={search.q ?? ""}
          onChange={(q) => set({ q: q || undefined })}
        />
        {FIRST.map((filter) => (
          <One key={filter} filter={filter} search={search} set={set} names={names} />
        ))}
        <More search={search} set={set} names={names} />
        <span className="logs-range">
          <RangePicker value={search} onChange={set} />
        </span>
      </FilterBar>
      {shown.length > 0 && (
        <ul className="logs-chips" aria-label="Filters that are set">
          {shown.map((chip) => (
            <li key={chip.id}>
              <FilterChip name={chip.name} value={chip.value} onRemove={() => set(chip.without)} />
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

function One({ filter, search, set, names }: FiltersProps & { filter: ListFilter }) {
  const [open, setOpen] = useState(false);
  const { label } = LISTS[filter];
  const chosen = search[filter]?.length ?? 0;
  return (
    <Popover
      label={label}
      open={open}
      onOpenChange={setOpen}
      trigger={
        <Button size="small" aria-pressed={chosen > 0} className="logs-filter">
          {label}
          {chosen > 0 && <span className="logs-chosen">{chosen}</span>}
        </Button>
      }
    >
      <div className="logs-popover">
        <Values filter={filter} search={search} set={set} names={names} />
      </div>
    </Popover>
  );
}

function Values({ filter, search, set, names }: FiltersProps & { filter: ListFilter }) {
  const strict = filter === "status" || filter === "hosting";
  return (
    <Field label={LISTS[filter].label}>
      <MultiCombobox
        value={search[filter] ?? []}
        onChange={(values) => set({ [filter]: values.length > 0 ? values : undefined })}
        options={names.choices(filter)}
        strict={strict}
        placeholder={strict ? "Choose" : "Type or choose"}
      />
    </Field>
  );
}

function More({ search, set, names }: FiltersProps) {
  const rest = listFilters.filter((filter) => !FIRST.includes(filter));
  return (
    <Popover
      label="More filters"
      trigger={
        <Button size="small" icon="filter" kind="quiet">
          More
        </Button>
      }
    >
      <div className="logs-popover logs-popover-wide stack">
        <div className="logs-columns">
          {rest.map((filter) => (
            <Values key={filter} filter={filter} search={search} set={set} names={names} />
          ))}
          <Field label="Tags" hint="name=value; all of them must fit">
            <MultiCombobox
              value={search.tag ?? []}
              onChange={(values) => {
                const tags = values.filter((tag) => /^[^=]+=.+/.test(tag));
                set({ tag: tags.length > 0 ? tags : undefined });
              }}
              options={[]}
              placeholder="env=prod"
              mono
            />
          </Field>
        </div>
        <div className="logs-columns">
          {figureFilters.map((filter) => (
            <Between key={filter} filter={filter} search={search} set={set} />
          ))}
        </div>
        <Checkbox
          label="Only calls of models without a price"
          checked={search.unpriced ?? false}
          onChange={(on) => set({ unpriced: on || undefined })}
        />
      </div>
    </Popover>
  );
}

function Between({ filter, search, set }: Omit<FiltersProps, "names"> & { filter: FigureFilter }) {
  const { label, unit } = FIGURES[filter];
  const money = unit === "$";
  return (
    <fieldset className="logs-between">
      <legend>{label}</legend>
      <NumberInput
        aria-label={`${label}: at least`}
        placeholder="from"
        before={money ? unit : undefined}
        unit={money ? undefined : unit}
        value={search[`min${filter}`]}
        onChange={(value) => set({ [`min${filter}`]: value })}
      />
      <NumberInput
        aria-label={`${label}: at most`}
        placeholder="to"
        before={money ? unit : undefined}
        unit={money ? undefined : unit}
        value={search[`max${filter}`]}
        onChange={(value) => set({ [`max${filter}`]: value })}
      />
    </fieldset>
  );
}
