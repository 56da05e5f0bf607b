import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { type components, query } from "../../../api/client";
import { count, percent, plural } from "../../../lib/format";
import { Badge, Card, type Column, Empty, Loading, Problem, Table } from "../../../parts";

type KeyUse = components["schemas"]["KeyUse"];
type Use = components["schemas"]["Use"];

/** Who counts on a provider: virtual keys with the share of theirs that goes there, rules, limits, prices. */
export function Uses({ name }: { name: string }): ReactElement {
  const uses = useQuery(query("/api/providers/{provider}/uses", { params: { path: { provider: name } } }));
  const { data } = uses;
  if (uses.error) return <Problem error={uses.error} onRetry={() => void uses.refetch()} />;
  if (!data) return <Loading lines={5} />;
  return (
    <div className="stack">
      <Card title="Virtual keys that list it" flush>
        <Table
          caption={`Virtual keys that list ${name}`}
          columns={COLUMNS}
          rows={data.virtual_keys}
          rowKey={(key) => key.id}
          rowTone={(key) => (key.is_active ? undefined : "muted")}
          dense
          empty={<Empty title="No virtual key lists it">{unrestricted(data.unrestricted_keys)}</Empty>}
        />
      </Card>
      {data.virtual_keys.length > 0 && data.unrestricted_keys > 0 && (
        <p className="soft">{unrestricted(data.unrestricted_keys)}</p>
      )}
      <Others title="Routing rules that send calls there" all={data.routing_rules}>
        {({ id, name: rule }) => (
          <Link to="/routing" search={{ rule: id }}>
            {rule}
          </Link>
        )}
      </Others>
      <Others title="Limits of models there" all={data.model_configs}>
        {({ name: model }) => (
          <Link to="/models" search={{ open: `${name}/${model}` }}>
            {model}
          </Link>
        )}
      </Others>
      <Others title="Prices that hold there" all={data.pricing_overrides}>
        {({ id, name: price }) => (
          <Link to="/models" search={{ view: "overrides", price: id }}>
            {price}
          </Link>
        )}
      </Others>
    </div>
  );
}

function unrestricted(keys: number): string {
  return keys > 0
    ? `${plural(keys, "virtual key lists", "virtual keys list")} no provider and may use all of them, this one too.`
    : "";
}

function Others({ title, all, children }: { title: string; all: Use[]; children: (one: Use) => ReactElement }) {
  if (all.length === 0) return null;
  return (
    <Card title={title}>
      <ul className="providers-breaks">
        {all.map((one) => (
          <li key={one.id}>{children(one)}</li>
        ))}
      </ul>
    </Card>
  );
}

const COLUMNS: Column<KeyUse>[] = [
  {
    id: "name",
    head: "Virtual key",
    names: true,
    cell: ({ id, name, is_active }) => (
      <span className="row">
        <Link to="/keys" search={{ open: id }}>
          {name}
        </Link>
        {!is_active && <Badge>disabled</Badge>}
      </span>
    ),
  },
  { id: "weight", head: "Weight", align: "end", cell: ({ weight }) => count(weight) },
  {
    id: "share",
    head: "Share of its calls",
    align: "end",
    cell: ({ share }) => (share > 0 ? percent(share) : <span className="soft">only as a fallback</span>),
  },
  {
    id: "models",
    head: "Models",
    wideOnly: true,
    cell: ({ allowed_models }) =>
      allowed_models.length === 0 ? (
        <span className="soft">all</span>
      ) : (
        <span className="mono small" title={allowed_models.join(", ")}>
          {allowed_models.slice(0, 2).join(", ")}
          {allowed_models.length > 2 && ` and ${allowed_models.length - 2} more`}
        </span>
      ),
  },
  {
    id: "only",
    head: "Without it",
    wideOnly: true,
    cell: ({ only }) =>
      only ? <Badge tone="warn">nothing left</Badge> : <span className="soft">goes on elsewhere</span>,
  },
];
