import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { query } from "../../api/client";
import { FilterBar, SearchInput, Select } from "../../parts";
import type { KeysSearch } from "./search";

export interface FiltersProps {
  search: KeysSearch;
  set: (change: Partial<KeysSearch>) => void;
}

const STATES = [
  { value: "", label: "Any status" },
  { value: "active", label: "Active" },
  { value: "disabled", label: "Disabled" },
  { value: "expired", label: "Expired" },
] as const;

/** Narrows the list; each change begins at its first page. */
export function Filters({ search, set }: FiltersProps): ReactElement {
  const { q, team, customer, provider, status } = search;
  const teams = useQuery(query("/api/governance/teams", { params: { query: { limit: 1000 } } }));
  const customers = useQuery(query("/api/governance/customers", { params: { query: { limit: 1000 } } }));
  const providers = useQuery(query("/api/providers"));
  const narrow = (change: Partial<KeysSearch>) => set({ ...change, page: undefined });
  const none = { q: undefined, team: undefined, customer: undefined, provider: undefined, status: undefined };
  const filtered = q || team || customer || provider || status;
  return (
    <FilterBar onClear={filtered ? () => narrow(none) : undefined}>
      <SearchInput label="Search keys" value={q ?? ""} onChange={(text) => narrow({ q: text || undefined })} />
      <Choice name="team" value={team} of={teams.data?.teams} onChange={(chosen) => narrow({ team: chosen })} />
      <Choice
        name="customer"
        value={customer}
        of={customers.data?.customers}
        onChange={(chosen) => narrow({ customer: chosen })}
      />
      <Choice
        name="provider"
        value={provider}
        of={providers.data?.providers.map(({ name }) => ({ id: name, name }))}
        onChange={(chosen) => narrow({ provider: chosen })}
      />
      <Select
        className="keys-filter"
        aria-label="Status"
        value={status ?? ""}
        onChange={(chosen) => narrow({ status: chosen || undefined })}
        options={STATES}
      />
    </FilterBar>
  );
}

interface ChoiceProps {
  name: string;
  value: string | undefined;
  of: readonly { id: string; name: string }[] | undefined;
  onChange: (value: string | undefined) => void;
}

/** One of those that there are; nothing to choose, no field. */
function Choice({ name, value, of, onChange }: ChoiceProps): ReactElement | null {
  if (!of?.length && !value) return null;
  const options = [
    { value: "", label: `Any ${name}` },
    ...(of ?? []).map((one) => ({ value: one.id, label: one.name })),
  ];
  const known = options.some((option) => option.value === (value ?? ""));
  return (
    <Select
      className="keys-filter"
      aria-label={`${name.charAt(0).toUpperCase()}${name.slice(1)}`}
      value={value ?? ""}
      onChange={(chosen) => onChange(chosen || undefined)}
      options={known ? options : [...options, { value: value ?? "", label: value ?? "" }]}
    />
  );
}
