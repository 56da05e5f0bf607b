// Why this provider: in sentences, and every candidate with its reason.

import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { duration, percent } from "../../../lib/format";
import { Badge, type Column, Icon, Table } from "../../../parts";
import type { ChatMessage, LogDetail, PlannedCandidate } from "../types";

export function Why({ row }: { row: LogDetail }): ReactElement {
  const seats = [...(row.plan?.picks ?? []), ...(row.plan?.left_out ?? [])];
  return (
    <div className="stack-tight">
      {row.why.length > 0 ? (
        <ol className="logs-why">
          {row.why.map((sentence) => (
            <li key={sentence}>
              <Sentence text={sentence} />
            </li>
          ))}
        </ol>
      ) : (
        <p className="soft">It was refused before a provider was chosen, or the plan was not written down.</p>
      )}
      {seats.length > 1 && (
        <details className="logs-details">
          <summary>All {seats.length} candidates</summary>
          <Candidates seats={seats} row={row} />
        </details>
      )}
      {(row.plan?.not_allowed?.length ?? 0) > 0 && (
        <details className="logs-details">
          <summary>Providers that were no candidates</summary>
          <ul className="logs-plain">
            {row.plan?.not_allowed?.map((left) => (
              <li key={left.provider}>
                <strong>{left.provider}</strong>: {left.why}
              </li>
            ))}
          </ul>
        </details>
      )}
      <p className="row small">
        <Link
          to="/routing"
          search={{
            tab: "what-if",
            key: row.virtual_key_id ?? undefined,
            model: row.requested_model ?? undefined,
            stream: row.stream || undefined,
            seed: row.id,
          }}
          className="logs-link"
        >
          <Icon name="routing" size={14} /> What would happen now
        </Link>
        {row.conversation?.messages && (
          <Link
            to="/playground"
            search={{
              model: row.requested_model ?? undefined,
              key: row.virtual_key_id ?? undefined,
              system: lastText(row.conversation.messages, "system"),
              message: lastText(row.conversation.messages, "user"),
              unstreamed: row.stream ? undefined : true,
            }}
            className="logs-link"
          >
            <Icon name="playground" size={14} /> Open in the playground
          </Link>
        )}
      </p>
    </div>
  );
}

/** An address has room for so much. */
const LONGEST = 4_000;

/** The last thing that one of that role said, where it is text. */
function lastText(messages: readonly ChatMessage[], role: ChatMessage["role"]): string | undefined {
  const parts = messages.findLast(
    (message) => message.role === role && message.parts.some(({ type }) => type === "text"),
  );
  const texts = parts?.parts.flatMap((part) => (part.type === "text" ? [part.text] : []));
  return texts?.join("\n\n").slice(0, LONGEST);
}

/** What stands between backticks is a name. */
function Sentence({ text }: { text: string }) {
  // biome-ignore lint/suspicious/noArrayIndexKey: pieces of a text have nothing else that tells them apart, and never change
  return text.split("`").map((piece, at) => (at % 2 === 1 ? <code key={at}>{piece}</code> : piece));
}

function Candidates({ seats, row }: { seats: readonly PlannedCandidate[]; row: LogDetail }) {
  const columns: Column<PlannedCandidate>[] = [
    { id: "place", head: "Place", cell: (seat) => seat.place ?? <span className="faint">out</span> },
    {
      id: "deployment",
      head: "Candidate",
      names: true,
      cell: ({ deployment, group }) => (
        <>
          {deployment.provider} <span className="soft">/ {deployment.model}</span>
          {group > 0 && <Badge>request's fallback {group}</Badge>}
        </>
      ),
    },
    {
      id: "key",
      head: "Key",
      cell: ({ deployment }) => <span className="mono small">{deployment.key}</span>,
      wideOnly: true,
    },
    { id: "weight", head: "Weight", align: "end", cell: (seat) => seat.weight ?? "–" },
    {
      id: "share",
      head: "Share",
      align: "end",
      cell: (seat) => (seat.reason.share == null ? "–" : percent(seat.reason.share)),
    },
    { id: "reason", head: "Reason", cell: (seat) => seat.reason.words },
    { id: "health", head: "Health then", cell: (seat) => health(seat), wideOnly: true },
    {
      id: "answered",
      head: <span className="sr-only">Answered</span>,
      cell: ({ deployment }) =>
        deployment.provider === row.provider &&
        deployment.key === row.selected_key_id &&
        deployment.model === row.model ? (
          <Badge tone={row.status === "success" ? "ok" : "muted"}>answered</Badge>
        ) : null,
    },
  ];
  return (
    <Table
      caption="Candidates in the order of trial"
      columns={columns}
      rows={seats}
      rowKey={({ deployment, place, group }) =>
        [deployment.provider, deployment.key, deployment.model, group, place].join("|")
      }
      dense
    />
  );
}

function health({ health: standing }: PlannedCandidate): string {
  if (!standing) return "nothing known";
  const parts = [
    standing.condition === "ready" ? undefined : standing.condition.replaceAll("_", " "),
    standing.calls > 0 ? `${standing.failures} of ${standing.calls} failed` : undefined,
    standing.in_flight > 0 ? `${standing.in_flight} in flight` : undefined,
    standing.latency_ms == null ? undefined : `answers in ${duration(standing.latency_ms)}`,
  ];
  return parts.filter(Boolean).join(", ") || "ready";
}
