// The columns of the log, and which of them are shown.

import type { ReactElement } from "react";
import { count, duration } from "../../lib/format";
import { Badge, type Column, Duration, Icon, Money, Status, Time, type Tone, Tooltip } from "../../parts";
import type { Names } from "./names";
import type { LogRow } from "./types";

/** Shown unless the address says otherwise. */
export const USUAL = ["timestamp", "status", "provider", "model", "key", "tokens", "cost", "latency", "ttft", "marks"];

/** All of them, with their names for the menu. */
export const COLUMNS: readonly { id: string; label: string }[] = [
  { id: "timestamp", label: "Time" },
  { id: "status", label: "Status" },
  { id: "provider", label: "Provider" },
  { id: "model", label: "Model" },
  { id: "key", label: "Virtual key" },
  { id: "team", label: "Team" },
  { id: "customer", label: "Customer" },
  { id: "object", label: "Kind of request" },
  { id: "rule", label: "Routing rule" },
  { id: "tokens", label: "Tokens in and out" },
  { id: "cost", label: "Cost" },
  { id: "latency", label: "Latency" },
  { id: "ttft", label: "Time to first token" },
  { id: "marks", label: "Attempts and marks" },
];

/** The columns in the order of the menu; without time nothing could be told apart. */
export function columnsOf(shown: readonly string[] | undefined, names: Names): Column<LogRow>[] {
  const wanted = new Set([...(shown ?? USUAL), "timestamp"]);
  const all = allColumns(names);
  return COLUMNS.flatMap(({ id }) => (wanted.has(id) ? (all[id] ?? []) : []));
}

function allColumns(names: Names): Record<string, Column<LogRow>> {
  const named = (filter: "key" | "team" | "customer", id: string | null | undefined) =>
    id ? (
      <span className="logs-name" title={id}>
        {names.of(filter, id)}
      </span>
    ) : (
      <Nothing />
    );
  const columns: Column<LogRow>[] = [
    { id: "timestamp", head: "Time", sorts: true, cell: (row) => <Time value={row.timestamp} />, names: true },
    { id: "status", head: "Status", cell: (row) => <Outcome row={row} /> },
    { id: "provider", head: "Provider", cell: (row) => <Provider row={row} />, wideOnly: true },
    { id: "model", head: "Model", cell: (row) => <Model row={row} /> },
    { id: "key", head: "Key", cell: (row) => named("key", row.virtual_key_id), wideOnly: true },
    { id: "team", head: "Team", cell: (row) => named("team", row.team_id), wideOnly: true },
    { id: "customer", head: "Customer", cell: (row) => named("customer", row.customer_id), wideOnly: true },
    { id: "object", head: "Kind", cell: (row) => row.operation ?? <Nothing />, wideOnly: true },
    { id: "rule", head: "Rule", cell: (row) => row.routing_rule_name ?? <Nothing />, wideOnly: true },
    { id: "tokens", head: "Tokens", align: "end", sorts: true, cell: (row) => <InOut row={row} />, wideOnly: true },
    { id: "cost", head: "Cost", align: "end", sorts: true, cell: (row) => <Cost row={row} />, wideOnly: true },
    {
      id: "latency",
      head: "Latency",
      align: "end",
      sorts: true,
      cell: (row) => <Duration value={row.latency} />,
    },
    {
      id: "ttft",
      head: <abbr title="Time to first token">TTFT</abbr>,
      align: "end",
      cell: (row) =>
        row.stream && row.time_to_first_token !== null ? <Duration value={row.time_to_first_token} /> : <Nothing />,
      wideOnly: true,
    },
    {
      id: "marks",
      head: <span className="sr-only">Attempts and marks</span>,
      cell: (row) => <Marks row={row} />,
      wideOnly: true,
    },
  ];
  return Object.fromEntries(columns.map((column) => [column.id, column]));
}

function Nothing(): ReactElement {
  return <span className="faint">–</span>;
}

export function toneOf(row: Pick<LogRow, "status">): Tone {
  return ({ success: "ok", error: "bad", cancelled: "muted" } as const)[row.status];
}

/** How it ended: the HTTP status, and the code of what went wrong. */
export function Outcome({ row }: { row: Pick<LogRow, "status" | "status_code" | "error_details"> }): ReactElement {
  const word = row.status === "cancelled" ? "cancelled" : row.error_details?.code;
  return (
    <Status tone={toneOf(row)}>
      {row.status_code}
      {word && <span className="soft small logs-code">{word}</span>}
    </Status>
  );
}

function Provider({ row }: { row: LogRow }) {
  if (!row.provider) return <Nothing />;
  return (
    <span className="logs-provider">
      {row.provider}
      {row.hosting === "self_hosted" && (
        <Tooltip text="Self-hosted">
          <span className="soft">
            <Icon name="providers" size={12} />
            <span className="sr-only">self-hosted</span>
          </span>
        </Tooltip>
      )}
    </span>
  );
}

/** What was asked for, and what answered where that is another one. */
export function Model({ row }: { row: Pick<LogRow, "model" | "requested_model" | "provider"> }): ReactElement {
  const { model, requested_model: asked } = row;
  if (!asked && !model) return <Nothing />;
  const same = !model || !asked || asked === model || asked === `${row.provider}/${model}`;
  return (
    <span className="logs-model" title={same ? (asked ?? model ?? "") : `${asked} → ${model}`}>
      {same ? (
        (model ?? asked)
      ) : (
        <>
          <span className="soft">{asked}</span> <span aria-hidden="true">→</span>{" "}
          <span className="sr-only">served by</span> {model}
        </>
      )}
    </span>
  );
}

function InOut({ row }: { row: LogRow }) {
  const usage = row.token_usage;
  if (!usage) return <Nothing />;
  const title = `${count(usage.prompt_tokens)} in, ${count(usage.completion_tokens)} out, ${usage.basis}`;
  return (
    <span title={title}>
      {count(usage.prompt_tokens)}
      <span className="faint"> / </span>
      {count(usage.completion_tokens)}
    </span>
  );
}

function Cost({ row }: { row: LogRow }) {
  if (!row.unpriced) return <Money value={row.cost} />;
  return (
    <Tooltip text="The price of this model is not known">
      <span className="status-warn">no price</span>
    </Tooltip>
  );
}

function Marks({ row }: { row: LogRow }) {
  const made = row.attempts.filter((attempt) => attempt.outcome !== "skipped");
  const dropped = row.losses.filter((loss) => loss.fate === "dropped").length;
  return (
    <span className="logs-marks">
      {made.length > 1 && (
        <Tooltip text={made.map((one) => `${one.provider}: ${one.outcome}, ${duration(one.latency)}`).join("; ")}>
          <Badge tone="warn">
            {made.length}×<span className="sr-only"> attempts</span>
          </Badge>
        </Tooltip>
      )}
      {row.stream && (
        <Tooltip text="Streamed">
          <span className="soft">
            <Icon name="bolt" size={12} />
            <span className="sr-only">streamed</span>
          </span>
        </Tooltip>
      )}
      {row.losses.length > 0 && (
        <Tooltip text={`The translation changed ${row.losses.length} and dropped ${dropped} of the request's fields`}>
          <span className={dropped > 0 ? "status-warn" : "soft"}>
            <Icon name="rotate" size={12} />
            <span className="sr-only">translated with losses</span>
          </span>
        </Tooltip>
      )}
    </span>
  );
}
