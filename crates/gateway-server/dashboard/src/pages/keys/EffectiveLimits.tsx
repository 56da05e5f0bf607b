import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { query } from "../../api/client";
import { Badge, type Column, Meter, Table } from "../../parts";
import { perWindow } from "../../parts/limits";
import type { EffectiveLimit } from "./types";

const UNITS = { dollars: "money", requests: "count", tokens: "tokens", in_flight: "count" } as const;
const NAMES = {
  dollars: "Budget",
  requests: "Requests",
  tokens: "Tokens",
  in_flight: "Requests at the same time",
} as const;

/** Every limit that a call of the key must fit: its own, its team's, its customer's, those of providers and models. */
export function EffectiveLimits({ of }: { of: string }): ReactElement {
  const limits = useQuery({
    ...query("/api/governance/virtual-keys/{id}/limits", { params: { path: { id: of } } }),
    refetchInterval: 10_000,
  });
  return (
    <Table
      caption="Limits in force"
      dense
      columns={COLUMNS}
      rows={limits.data?.limits}
      rowKey={(limit) => limit.id}
      error={limits.error}
      onRetry={() => void limits.refetch()}
      skeletonRows={3}
      empty={
        <p className="soft small">Nothing limits this key: neither itself, nor a team, customer, provider or model.</p>
      }
    />
  );
}

const COLUMNS: Column<EffectiveLimit>[] = [
  { id: "whose", head: "Whose", names: true, cell: (limit) => <Whose limit={limit} />, width: "32%" },
  {
    id: "use",
    head: "Use",
    cell: (limit) => (
      <div className="stack-tight">
        <Meter
          label={`${NAMES[limit.unit]}${limit.reset_duration ? ` ${perWindow(limit.reset_duration, limit.calendar_aligned)}` : ""}`}
          showLabel
          used={limit.unit === "in_flight" ? limit.held : limit.used}
          held={limit.unit === "in_flight" ? 0 : limit.held}
          limit={limit.limit}
          unit={UNITS[limit.unit]}
          resetsAt={limit.resets_at}
        />
      </div>
    ),
  },
];

function Whose({ limit }: { limit: EffectiveLimit }): ReactElement {
  const { owner, provider, model } = limit;
  const where = [
    provider && owner.kind !== "provider" && `at ${provider}`,
    model && owner.kind !== "model" && `for ${model}`,
  ].filter(Boolean);
  return (
    <div className="stack-tight keys-whose">
      <p>
        <span className="soft">{KINDS[owner.kind]}</span> <Owner limit={limit} />
      </p>
      {where.length > 0 && <span className="soft small">{where.join(" ")}</span>}
      {limit.tightest && (
        <span>
          <Badge tone="info">Tightest</Badge>
        </span>
      )}
    </div>
  );
}

const KINDS = {
  virtual_key: "This key",
  team: "Team",
  customer: "Customer",
  provider: "Provider",
  model: "Model",
} as const;

function Owner({ limit: { owner } }: { limit: EffectiveLimit }): ReactElement | null {
  switch (owner.kind) {
    case "virtual_key":
      return null;
    case "team":
      return (
        <Link to="/teams" search={{ open: owner.id }}>
          {owner.name}
        </Link>
      );
    case "customer":
      return (
        <Link to="/customers" search={{ open: owner.id }}>
          {owner.name}
        </Link>
      );
    case "provider":
      return (
        <Link to="/providers/$name" params={{ name: owner.id }}>
          {owner.name}
        </Link>
      );
    case "model":
      return <code>{owner.name}</code>;
  }
}
