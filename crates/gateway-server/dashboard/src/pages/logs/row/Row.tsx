// Everything that is known of a request, from what it was to what was said.

import { Link } from "@tanstack/react-router";
import type { ReactElement, ReactNode } from "react";
import { Badge, Duration, KeyValue, Money, Tokens } from "../../../parts";
import type { Names } from "../names";
import type { LogDetail } from "../types";
import { Attempts } from "./Attempts";
import { Bill } from "./Bill";
import { Content } from "./Content";
import { Losses } from "./Losses";
import { Why } from "./Why";

export function Row({ row, names }: { row: LogDetail; names: Names }): ReactElement {
  return (
    <div className="logs-row">
      {row.error_details && (
        <div className="logs-error" role="note">
          <p>
            <Badge tone="bad">{row.error_details.code}</Badge>{" "}
            <span className="soft">{ORIGINS[row.error_details.origin]}</span>
          </p>
          <p className="wrap-anywhere">{row.error_details.message}</p>
        </div>
      )}
      <Facts row={row} names={names} />
      <Part title="Why this provider">
        <Why row={row} />
      </Part>
      <Part title="Attempts">
        <Attempts row={row} />
      </Part>
      <Part title="What was said">
        <Content row={row} />
      </Part>
      <Part title="Tokens and cost">
        <Bill row={row} />
      </Part>
      {row.losses.length > 0 && (
        <Part title="Translation">
          <Losses losses={row.losses} />
        </Part>
      )}
    </div>
  );
}

const ORIGINS = {
  client: "The caller's fault",
  gateway: "The gateway's answer",
  upstream: "The provider's fault",
} as const;

function Part({ title, children }: { title: string; children: ReactNode }) {
  return (
    <section className="logs-part" aria-label={title}>
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function Facts({ row, names }: { row: LogDetail; names: Names }) {
  const usage = row.token_usage;
  const own = row.latency - row.upstream_latency;
  return (
    <KeyValue
      columns={3}
      items={[
        ["Latency", <Duration key="l" value={row.latency} />],
        row.stream
          ? ["Time to first token", <Duration key="t" value={row.time_to_first_token} />]
          : ["Answer", "whole, not streamed"],
        ["Gateway's own time", row.stream ? undefined : <Duration key="o" value={Math.max(0, own)} />],
        ["Cost", row.unpriced ? "price not known" : <Money key="c" value={row.cost} />],
        ["Tokens in", usage && <Tokens key="i" value={usage.prompt_tokens} />],
        ["Tokens out", usage && <Tokens key="u" value={usage.completion_tokens} />],
        ["Provider", row.provider && <Same what="provider" id={row.provider} name={row.provider} />],
        ["Hosting", row.hosting && names.of("hosting", row.hosting)],
        ["Provider key", row.selected_key_id && names.of("upstream", row.selected_key_id)],
        ["Asked model", row.requested_model],
        ["Served model", row.model],
        ["API", row.dialect && `${row.dialect}, ${row.operation ?? ""}`],
        [
          "Virtual key",
          row.virtual_key_id && <Same what="key" id={row.virtual_key_id} name={names.of("key", row.virtual_key_id)} />,
        ],
        ["Team", row.team_id && <Same what="team" id={row.team_id} name={names.of("team", row.team_id)} />],
        [
          "Customer",
          row.customer_id && <Same what="customer" id={row.customer_id} name={names.of("customer", row.customer_id)} />,
        ],
        [
          "Routing rule",
          row.routing_rule_id && (
            <Same what="rule" id={row.routing_rule_id} name={row.routing_rule_name ?? row.routing_rule_id} />
          ),
        ],
        [
          "Output cap set by the gateway",
          row.clamped_max_tokens !== null && `${row.clamped_max_tokens} tokens: all that the caller's budget paid for`,
        ],
        ["Tags", Object.keys(row.metadata).length > 0 && <TagList tags={row.metadata} />],
      ]}
    />
  );
}

/** The rows of the same one. */
function Same({
  what,
  id,
  name,
}: {
  what: "provider" | "key" | "team" | "customer" | "rule";
  id: string;
  name: string;
}) {
  return (
    <Link to="/logs" search={{ [what]: [id] }} title={`Rows of the same ${what}: ${id}`}>
      {name}
    </Link>
  );
}

function TagList({ tags }: { tags: Readonly<Record<string, string>> }) {
  return (
    <span className="logs-tags">
      {Object.entries(tags).map(([name, value]) => (
        <Link key={name} to="/logs" search={{ tag: [`${name}=${value}`] }} className="badge badge-muted">
          {name}: {value}
        </Link>
      ))}
    </span>
  );
}
