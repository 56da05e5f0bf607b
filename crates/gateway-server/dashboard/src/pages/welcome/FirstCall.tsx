import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import { type ReactElement, type ReactNode, useState } from "react";
import { type components, query } from "../../api/client";
import { useLive } from "../../api/live";
import { Badge, Duration, KeyValue, Money, Status, Time, Tokens } from "../../parts";
import { Step } from "./Step";

type LogRow = components["schemas"]["LogRow"];

/** The last step: watches the log for the first call, and shows it. */
export function FirstCall({ ready, children }: { ready: boolean; children: ReactNode }): ReactElement {
  const earlier = useQuery(query("/api/logs", { params: { query: { limit: 1 } } }));
  const [latest, setLatest] = useState<LogRow>();
  const live = useLive<LogRow>({ onRow: setLatest });
  const row = latest ?? earlier.data?.logs[0];
  return (
    <Step number={3} title="Make a call" done={row?.status === "success"} summary="The gateway has answered a call.">
      {children}
      <div role="status" className="welcome-watch">
        {row ? (
          <Seen row={row} isNew={latest !== undefined} />
        ) : (
          <Status tone={live.is === "open" ? "info" : "muted"}>
            {ready ? "Waiting for the first call…" : "Calls can be answered once there is a provider."}
          </Status>
        )}
      </div>
    </Step>
  );
}

function Seen({ row, isNew }: { row: LogRow; isNew: boolean }): ReactElement {
  const ok = row.status === "success";
  return (
    <div className="stack-tight">
      <p>
        <Badge tone={ok ? "ok" : "bad"}>{ok ? "It works" : row.status}</Badge>{" "}
        {isNew ? "A call has just come in." : "The latest call:"}{" "}
        <Link to="/logs/$id" params={{ id: row.id }}>
          See it in the log
        </Link>
      </p>
      <KeyValue
        columns={3}
        items={[
          ["Provider", row.provider],
          ["Model", row.model],
          ["When", <Time key="when" value={row.timestamp} as="ago" />],
          ["Latency", <Duration key="latency" value={row.latency} />],
          ["Tokens", <Tokens key="tokens" value={row.token_usage?.total_tokens} />],
          ["Cost", <Money key="cost" value={row.cost} />],
        ]}
      />
    </div>
  );
}
