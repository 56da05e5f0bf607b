import type { ReactNode } from "react";
import { count, exactMoney, money, percent } from "../../lib/format";
import { Badge, Card, type Column, Status, Table, type Tone, Tooltip } from "../../parts";
import { Said } from "./Said";
import type { Explanation } from "./WhatIf";

type Candidate = Explanation["candidates"][number];

/** Every candidate in the order of trial, then those that are left out. */
export function Candidates({ told }: { told: Explanation }): ReactNode {
  const tried = told.candidates.filter((candidate) => candidate.in).length;
  const how = told.strategy ? STRATEGIES[told.strategy] : undefined;
  return (
    <Card title="Candidates" about={`${tried} in the order of trial${how ? `, ${how}` : ""}.`} flush>
      <Table
        caption="Candidates in the order of trial"
        dense
        rows={told.candidates}
        rowKey={({ group, index }) => `${group} ${index}`}
        rowTone={({ in: tried, refusal }) => (!tried ? "muted" : refusal ? "warn" : undefined)}
        columns={COLUMNS}
      />
    </Card>
  );
}

const STRATEGIES: Record<NonNullable<Explanation["strategy"]>, string> = {
  weighted: "drawn by weight",
  least_busy: "the less busy of two first",
  latency: "the fastest first",
  cost: "the cheapest first",
  affinity: "the one that has the session first",
};

const COLUMNS: Column<Candidate>[] = [
  { id: "place", head: "#", width: "2.5rem", align: "end", cell: ({ place }) => place ?? "–" },
  {
    id: "where",
    head: "Where",
    names: true,
    cell: ({ deployment, key_name: key, alias, asked, group }) => (
      <>
        <span className="nowrap">
          <strong>{deployment.provider}</strong>/{deployment.model}
        </span>
        <span className="routing-below faint small">
          key {key ?? deployment.key}
          {alias && ` · serves it for ${asked}`}
          {group > 0 && ` · fallback to ${asked}`}
        </span>
      </>
    ),
  },
  {
    id: "why",
    head: "Why there",
    cell: ({ why, refusal, clamped, in: tried }) => (
      <div className="routing-reason">
        {!tried && <Badge>Left out</Badge>} {why}
        {refusal && (
          <span className="routing-below">
            <Badge tone="warn">Passed over</Badge> <Said className="small">{refusal.message}</Said>
          </span>
        )}
        {clamped != null && (
          <span className="routing-below small">
            <Badge tone="info">Answer capped</Badge> at {count(clamped)} tokens, so that it stays within its limits
          </span>
        )}
      </div>
    ),
  },
  {
    id: "share",
    head: "Asked first",
    align: "end",
    cell: ({ share }) => (share == null ? <span className="faint">–</span> : percent(share)),
  },
  { id: "health", head: "Health", cell: ({ health }) => <Health health={health} />, wideOnly: true },
  { id: "price", head: "Per 1M in / out", align: "end", cell: ({ price }) => <Price price={price} />, wideOnly: true },
  { id: "cost", head: "This call", align: "end", cell: ({ cost }) => <Cost cost={cost} /> },
];

const HEALTH: Record<Candidate["health"]["condition"], { tone: Tone; says: string }> = {
  ready: { tone: "ok", says: "Well" },
  probe_due: { tone: "warn", says: "Recovering" },
  probing: { tone: "warn", says: "Being probed" },
  broken: { tone: "bad", says: "Failing" },
  unreachable: { tone: "bad", says: "Unreachable" },
  key_refused: { tone: "bad", says: "Key refused" },
  rate_limited: { tone: "warn", says: "Rate limited" },
  model_missing: { tone: "bad", says: "Model missing" },
};

function Health({ health }: { health: Candidate["health"] }) {
  const { tone, says } = HEALTH[health.condition];
  const calls = health.calls > 0 ? `${health.failures} of the last ${health.calls} calls failed` : "No calls lately";
  return (
    <Tooltip text={`${calls}; ${health.in_flight} in flight`}>
      <span>
        <Status tone={tone}>{says}</Status>
      </span>
    </Tooltip>
  );
}

function Price({ price }: { price: Candidate["price"] }) {
  if (price == null || typeof price === "string") return <span className="soft">{price ?? "–"}</span>;
  const { input, output } = price as Record<string, number>;
  return (
    <span className="nowrap">
      {money(input ?? 0)} / {money(output ?? 0)}
    </span>
  );
}

function Cost({ cost }: { cost: Candidate["cost"] }) {
  if (!cost) return <span className="soft">unknown</span>;
  if (cost.most === 0) return <>$0.00</>;
  return (
    <Tooltip text={`At least ${exactMoney(cost.least)}, for the prompt alone; at most ${exactMoney(cost.most)}`}>
      <span className="nowrap">
        {money(cost.least)} – {money(cost.most)}
      </span>
    </Tooltip>
  );
}
