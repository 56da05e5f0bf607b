import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import type { components } from "../../api/client";
import { useMay } from "../../app/session";
import { count } from "../../lib/format";
import { Button, type Column, Empty, FilterBar, PageHeader, Pages, SearchInput, Table } from "../../parts";
import { BudgetMeter, RateSummary } from "../../parts/limits";
import { PAGE, useCustomers } from "../teams/useParties";
import { AddCustomer, CustomerSheet } from "./CustomerSheet";
import "./page.css";
import type { CustomersSearch } from "./search";

type Customer = components["schemas"]["Customer"];

const route = getRouteApi("/customers");

/** Customers: teams and keys that share limits. */
export default function Page(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: Partial<CustomersSearch>, replace = true) =>
    navigate({ search: (now) => ({ ...now, ...change }), replace });
  const { why } = useMay("operator");
  const customers = useCustomers(search);
  const add = (
    <Button kind="primary" icon="plus" disabledBecause={why} onClick={() => set({ add: true }, false)}>
      New customer
    </Button>
  );
  return (
    <div className="stack">
      <PageHeader title="Customers" about="Teams and keys that share budgets and limits." actions={add} />
      <FilterBar onClear={search.q ? () => set({ q: undefined, page: undefined }) : undefined}>
        <SearchInput
          label="Search customers"
          value={search.q ?? ""}
          onChange={(q) => set({ q: q || undefined, page: undefined })}
        />
      </FilterBar>
      <Table
        caption="Customers"
        columns={COLUMNS}
        rows={customers.data?.customers}
        rowKey={(customer) => customer.id}
        onOpen={(customer) => set({ open: customer.id, tab: undefined }, false)}
        openKey={search.open}
        error={customers.error}
        onRetry={() => void customers.refetch()}
        empty={
          search.q ? (
            <Empty title="No customer fits" icon="filter">
              Search for something else.
            </Empty>
          ) : (
            <Empty title="No customers yet" icon="customers" action={add}>
              A customer stands above teams and keys: its budgets and limits hold for all of them together.
            </Empty>
          )
        }
      />
      <Pages
        page={search.page ?? 0}
        size={PAGE}
        total={customers.data?.total_count}
        onPage={(page) => set({ page: page || undefined })}
      />
      {search.open !== undefined && (
        <CustomerSheet
          id={search.open}
          tab={search.tab ?? "use"}
          onTab={(tab) => set({ tab: tab === "use" ? undefined : tab })}
          onClose={() => set({ open: undefined, tab: undefined })}
        />
      )}
      {search.add && <AddCustomer onClose={() => set({ add: undefined })} />}
    </div>
  );
}

const COLUMNS: Column<Customer>[] = [
  {
    id: "name",
    head: "Name",
    names: true,
    cell: (customer) => (
      <Link from="/customers" to="/customers" search={(now) => ({ ...now, open: customer.id })}>
        {customer.name}
      </Link>
    ),
  },
  {
    id: "teams",
    head: "Teams",
    align: "end",
    wideOnly: true,
    cell: (customer) => (
      <Link to="/teams" search={{ customer: customer.id }}>
        {count(customer.teams.length)}
      </Link>
    ),
  },
  {
    id: "keys",
    head: "Keys",
    align: "end",
    cell: (customer) => (
      <Link to="/keys" search={{ customer: customer.id }}>
        {count(customer.virtual_key_count)}
      </Link>
    ),
  },
  {
    id: "budget",
    head: "Budget",
    width: "16rem",
    cell: (customer) =>
      customer.budget ? (
        <BudgetMeter budget={customer.budget} of={customer.name} />
      ) : (
        <span className="faint">no budget</span>
      ),
  },
  {
    id: "rate",
    head: "Rate limit",
    wideOnly: true,
    align: "end",
    cell: (customer) => <RateSummary limit={customer.rate_limit} />,
  },
];
