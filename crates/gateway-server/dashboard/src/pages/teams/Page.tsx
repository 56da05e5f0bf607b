import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { type components, query } from "../../api/client";
import { useMay } from "../../app/session";
import { count } from "../../lib/format";
import { Button, type Column, Empty, FilterBar, PageHeader, Pages, SearchInput, Select, Table } from "../../parts";
import { BudgetMeter, RateSummary } from "../../parts/limits";
import "./page.css";
import type { TeamsSearch } from "./search";
import { AddTeam, TeamSheet } from "./TeamSheet";
import { PAGE, useTeams } from "./useParties";

type Team = components["schemas"]["Team"];

const route = getRouteApi("/teams");

/** Teams: keys that share limits. */
export default function Page(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: Partial<TeamsSearch>, replace = true) =>
    navigate({ search: (now) => ({ ...now, ...change }), replace });
  const { why } = useMay("operator");
  const teams = useTeams(search);
  const filtered = search.q ?? search.customer;
  const add = (
    <Button kind="primary" icon="plus" disabledBecause={why} onClick={() => set({ add: true }, false)}>
      New team
    </Button>
  );
  return (
    <div className="stack">
      <PageHeader
        title="Teams"
        about="Keys that share budgets and limits. A team may belong to a customer."
        actions={add}
      />
      <FilterBar onClear={filtered ? () => set({ q: undefined, customer: undefined, page: undefined }) : undefined}>
        <SearchInput
          label="Search teams"
          value={search.q ?? ""}
          onChange={(q) => set({ q: q || undefined, page: undefined })}
        />
        <CustomerFilter value={search.customer} onChange={(customer) => set({ customer, page: undefined })} />
      </FilterBar>
      <Table
        caption="Teams"
        columns={COLUMNS}
        rows={teams.data?.teams}
        rowKey={(team) => team.id}
        onOpen={(team) => set({ open: team.id, tab: undefined }, false)}
        openKey={search.open}
        error={teams.error}
        onRetry={() => void teams.refetch()}
        empty={
          filtered ? (
            <Empty title="No team fits" icon="filter">
              Take a filter away to see the others.
            </Empty>
          ) : (
            <Empty title="No teams yet" icon="teams" action={add}>
              A team puts several keys under common budgets and limits: what one of them spends, the others have less.
            </Empty>
          )
        }
      />
      <Pages
        page={search.page ?? 0}
        size={PAGE}
        total={teams.data?.total_count}
        onPage={(page) => set({ page: page || undefined })}
      />
      {search.open !== undefined && (
        <TeamSheet
          id={search.open}
          tab={search.tab ?? "use"}
          onTab={(tab) => set({ tab: tab === "use" ? undefined : tab })}
          onClose={() => set({ open: undefined, tab: undefined })}
        />
      )}
      {search.add && <AddTeam onClose={() => set({ add: undefined })} />}
    </div>
  );
}

const COLUMNS: Column<Team>[] = [
  {
    id: "name",
    head: "Name",
    names: true,
    cell: (team) => (
      <Link from="/teams" to="/teams" search={(now) => ({ ...now, open: team.id })}>
        {team.name}
      </Link>
    ),
  },
  {
    id: "customer",
    head: "Customer",
    wideOnly: true,
    cell: ({ customer }) =>
      customer ? (
        <Link to="/customers" search={{ open: customer.id }}>
          {customer.name}
        </Link>
      ) : (
        <span className="faint">–</span>
      ),
  },
  {
    id: "keys",
    head: "Keys",
    align: "end",
    cell: (team) => (
      <Link to="/keys" search={{ team: team.id }}>
        {count(team.virtual_key_count)}
      </Link>
    ),
  },
  {
    id: "budget",
    head: "Budget",
    width: "16rem",
    cell: (team) =>
      team.budget ? <BudgetMeter budget={team.budget} of={team.name} /> : <span className="faint">no budget</span>,
  },
  {
    id: "rate",
    head: "Rate limit",
    wideOnly: true,
    align: "end",
    cell: (team) => <RateSummary limit={team.rate_limit} />,
  },
];

interface CustomerFilterProps {
  value: string | undefined;
  onChange: (customer: string | undefined) => void;
}

function CustomerFilter({ value = "", onChange }: CustomerFilterProps): ReactNode {
  const customers = useQuery(query("/api/governance/customers", { params: { query: { limit: 1000 } } }));
  const all = customers.data?.customers ?? [];
  if (all.length === 0 && !value) return null;
  const options = [{ value: "", label: "Any customer" }, ...all.map(({ id, name }) => ({ value: id, label: name }))];
  const known = options.some((option) => option.value === value);
  return (
    <Select
      className="teams-filter"
      aria-label="Customer"
      value={value}
      onChange={(chosen) => onChange(chosen || undefined)}
      options={known ? options : [...options, { value, label: value }]}
    />
  );
}
