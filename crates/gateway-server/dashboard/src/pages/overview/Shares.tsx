// Who has which part of the traffic: by provider, model, virtual key, team and customer, the largest first.

import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { count, duration, money, percent } from "../../lib/format";
import {
  Badge,
  Card,
  type Column,
  Duration,
  Empty,
  Icon,
  Money,
  Segments,
  Table,
  Tabs,
  Tokens,
  Tooltip,
} from "../../parts";
import { FILTERS, type Figures, type Filter, filtered, logSearch, type Overview } from "./overview";
import type { OverviewSearch } from "./search";

type List = NonNullable<OverviewSearch["by"]>;
type Rank = NonNullable<OverviewSearch["sort"]>;

interface Share extends Figures {
  /** What it is filtered by; nothing for what belongs to nobody. */
  value: string | null;
  name: string;
  selfHosted?: boolean;
}

const LISTS: Record<List, { filter: Filter; label: string; nobody: string }> = {
  providers: { filter: "provider", label: "Providers", nobody: "No provider answered" },
  models: { filter: "model", label: "Models", nobody: "No model answered" },
  virtual_keys: { filter: "key", label: "Virtual keys", nobody: "Without a key" },
  teams: { filter: "team", label: "Teams", nobody: "No team" },
  customers: { filter: "customer", label: "Customers", nobody: "No customer" },
};

/** What lists rank by, and how much of it a row has. */
const RANKS: Record<Rank, { label: string; of: (figures: Figures) => number }> = {
  requests: { label: "Requests", of: (figures) => figures.total_requests },
  tokens: { label: "Tokens", of: (figures) => figures.total_tokens },
  cost: { label: "Cost", of: (figures) => figures.total_cost },
};

interface SharesProps {
  overview: Overview | undefined;
  search: OverviewSearch;
  onChange: (change: Partial<OverviewSearch>) => void;
}

export function Shares({ overview, search, onChange }: SharesProps): ReactElement {
  const by = search.by ?? "providers";
  const rank = search.sort ?? "requests";
  const rows = overview && sharesOf(overview, by);
  const other = overview?.others[by];
  const filter = LISTS[by].filter;
  return (
    <Card
      flush
      title="Who uses what"
      actions={
        <Segments
          label="Largest by"
          value={rank}
          onChange={(sort) => onChange({ sort })}
          options={(Object.keys(RANKS) as Rank[]).map((value) => ({ value, label: RANKS[value].label }))}
        />
      }
    >
      <Tabs
        label="Shares by"
        value={by}
        onChange={(value) => onChange({ by: value })}
        tabs={(Object.keys(LISTS) as List[]).map((value) => ({ value, label: LISTS[value].label }))}
      >
        <Table
          dense
          caption={`Traffic by ${FILTERS[filter].label.toLowerCase()}`}
          columns={columns(filter, rank, rows ?? [], search)}
          rows={rows}
          rowKey={(row) => row.value ?? ""}
          maxHeight="28rem"
          empty={<Empty title="Nothing in this range" />}
        />
        {other && (
          <p className="overview-others soft small">
            And {count(other.count)} more with {count(other.total_requests)} requests and {money(other.total_cost)}{" "}
            together.
          </p>
        )}
      </Tabs>
    </Card>
  );
}

function columns(filter: Filter, rank: Rank, rows: readonly Share[], search: OverviewSearch): Column<Share>[] {
  const sum = rows.reduce((all, row) => all + RANKS[rank].of(row), 0);
  const label = FILTERS[filter].label;
  return [
    {
      id: "name",
      head: label,
      names: true,
      cell: (row) => <Name row={row} filter={filter} search={search} />,
    },
    {
      id: "share",
      head: `Share of ${RANKS[rank].label.toLowerCase()}`,
      width: "11rem",
      wideOnly: true,
      cell: (row) => <Bar share={sum > 0 ? RANKS[rank].of(row) / sum : 0} />,
    },
    { id: "requests", head: "Requests", align: "end", cell: (row) => count(row.total_requests) },
    {
      id: "success",
      head: "Success",
      align: "end",
      cell: (row) => percent(row.success_rate / 100),
    },
    { id: "tokens", head: "Tokens", align: "end", wideOnly: true, cell: (row) => <Tokens value={row.total_tokens} /> },
    { id: "cost", head: "Cost", align: "end", cell: (row) => <Money value={row.total_cost} /> },
    {
      id: "latency",
      head: "p50 / p95",
      align: "end",
      wideOnly: true,
      cell: (row) => `${duration(row.p50_latency)} / ${duration(row.p95_latency)}`,
    },
    { id: "ttft", head: "TTFT", align: "end", wideOnly: true, cell: (row) => <Duration value={row.p50_ttft} /> },
    {
      id: "log",
      head: <span className="sr-only">Log</span>,
      align: "end",
      width: "2.5rem",
      cell: (row) =>
        row.value !== null && (
          <Tooltip text="Its requests in the log">
            <Link
              to="/logs"
              search={logSearch(search, filter, row.value)}
              aria-label={`Requests of ${row.name} in the log`}
            >
              <Icon name="logs" />
            </Link>
          </Tooltip>
        ),
    },
  ];
}

function Name({ row, filter, search }: { row: Share; filter: Filter; search: OverviewSearch }) {
  return (
    <span className="row">
      {row.value === null ? (
        <span className="soft">{row.name}</span>
      ) : (
        <Link to="/overview" search={filtered(search, filter, row.value)} title="Show only this">
          {row.name}
        </Link>
      )}
      {row.selfHosted && <Badge tone="info">self-hosted</Badge>}
    </span>
  );
}

function Bar({ share }: { share: number }) {
  return (
    <span className="overview-share">
      <span className="overview-bar" aria-hidden="true">
        <span style={{ width: `${share * 100}%` }} />
      </span>
      <span className="soft">{percent(share)}</span>
    </span>
  );
}

/** The rows of a list, whatever it is a list of. */
function sharesOf(overview: Overview, by: List): Share[] {
  const nobody = LISTS[by].nobody;
  switch (by) {
    case "providers":
      return overview.providers.map((one) => ({
        ...one,
        value: one.provider,
        name: one.provider ?? nobody,
        selfHosted: one.hosting === "self_hosted",
      }));
    case "models":
      return overview.models.map((one) => ({ ...one, value: one.model, name: one.model ?? nobody }));
    case "virtual_keys":
      return overview.virtual_keys.map((one) => named(one, one.virtual_key, nobody));
    case "teams":
      return overview.teams.map((one) => named(one, one.team, nobody));
    case "customers":
      return overview.customers.map((one) => named(one, one.customer, nobody));
  }
}

function named<T extends Figures & { name: string | null }>(one: T, value: string | null, nobody: string): Share {
  return { ...one, value, name: one.name ?? value ?? nobody };
}
