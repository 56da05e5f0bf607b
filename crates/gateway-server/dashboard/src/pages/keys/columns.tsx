import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { type Column, SplitBar, Status, Time, Tooltip } from "../../parts";
import { BudgetMeter, RateSummary } from "../../parts/limits";
import { masked, statusOf, type VirtualKey } from "./types";

export const COLUMNS: Column<VirtualKey>[] = [
  { id: "name", head: "Name", names: true, sorts: true, cell: (key) => <NameCell of={key} /> },
  { id: "owner", head: "Team, customer", wideOnly: true, cell: (key) => <OwnerCell of={key} /> },
  { id: "providers", head: "Providers", wideOnly: true, width: "16rem", cell: (key) => <SplitCell of={key} /> },
  { id: "budget_used", head: "Budget", sorts: true, width: "14rem", cell: (key) => <BudgetCell of={key} /> },
  {
    id: "rate",
    head: "Rate limit",
    wideOnly: true,
    align: "end",
    cell: (key) => <RateSummary limit={key.rate_limit} />,
  },
  {
    id: "used",
    head: "Last used",
    wideOnly: true,
    align: "end",
    cell: (key) =>
      key.activity?.last_used_at ? (
        <Time value={key.activity.last_used_at} as="ago" />
      ) : (
        <span className="faint">never</span>
      ),
  },
  { id: "status", head: "Status", sorts: true, cell: (key) => <StatusCell of={key} /> },
];

function NameCell({ of }: { of: VirtualKey }): ReactElement {
  return (
    <span className="keys-name">
      <Link from="/keys" to="/keys" search={(now) => ({ ...now, open: of.id })}>
        {of.name}
      </Link>
      <code className="faint small">{isMade(of.id) ? masked(of.value) : of.id}</code>
    </span>
  );
}

/** Whether the gateway made the id: then it tells a reader nothing. */
function isMade(id: string): boolean {
  return /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/.test(id);
}

function OwnerCell({ of: { team, customer } }: { of: VirtualKey }): ReactElement {
  if (!team && !customer) return <span className="faint">–</span>;
  return (
    <span className="keys-name">
      {team && (
        <Link to="/teams" search={{ open: team.id }}>
          {team.name}
        </Link>
      )}
      {customer && (
        <Link to="/customers" search={{ open: customer.id }} className={team ? "small" : undefined}>
          {customer.name}
        </Link>
      )}
    </span>
  );
}

function SplitCell({ of: { provider_configs: entries } }: { of: VirtualKey }): ReactElement {
  const [only] = entries;
  if (!only) return <span className="soft">all providers</span>;
  if (entries.length === 1) return <span>{only.provider}</span>;
  return (
    <div className="keys-split">
      <SplitBar label="Share of calls" parts={entries.map(({ provider, weight }) => ({ label: provider, weight }))} />
    </div>
  );
}

function BudgetCell({ of }: { of: VirtualKey }): ReactElement {
  const [first, ...more] = of.budgets;
  if (!first) return <span className="faint">no budget</span>;
  return (
    <div className="keys-budget">
      <BudgetMeter budget={first} of={of.name} />
      {more.length > 0 && <span className="faint small">and {more.length} more</span>}
    </div>
  );
}

function StatusCell({ of }: { of: VirtualKey }): ReactElement {
  const { tone, word } = statusOf(of);
  const ends = of.status === "active" && of.expires_at;
  return (
    <Tooltip text={of.guessable ? "Its value can be guessed." : null}>
      <span className="keys-name">
        <Status tone={of.guessable && tone === "ok" ? "warn" : tone}>
          {of.guessable ? `${word}, guessable` : word}
        </Status>
        {ends && (
          <span className="faint small">
            ends <Time value={ends} as="ago" />
          </span>
        )}
      </span>
    </Tooltip>
  );
}
