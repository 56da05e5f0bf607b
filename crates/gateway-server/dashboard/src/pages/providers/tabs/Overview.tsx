import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { api, call, type components, query, useChange } from "../../../api/client";
import { useMay } from "../../../app/session";
import { compact, count, percent } from "../../../lib/format";
import {
  Button,
  Card,
  Chart,
  type Column,
  Duration,
  Empty,
  KeyValue,
  Money,
  Problem,
  type Series,
  Stat,
  Status,
  Table,
  Time,
} from "../../../parts";
import { type Deployment, type Provider, standingOfDeployment } from "../health";

type List = components["schemas"]["DeploymentList"];

export interface OverviewProps {
  provider: Provider;
  deployments: UseQueryResult<List>;
}

/** How a provider does: the last day, each deployment, its list of models. */
export function Overview({ provider, deployments }: OverviewProps): ReactElement {
  const own = deployments.data?.deployments.filter((one) => one.deployment.provider === provider.name);
  return (
    <div className="stack">
      <Day name={provider.name} />
      <Card title="Deployments" about="Each model at each key that was called since the gateway started." flush>
        <Table
          caption="Deployments"
          columns={COLUMNS}
          rows={own}
          rowKey={({ deployment }) => `${deployment.key} ${deployment.model}`}
          rowTone={(row) => (standingOfDeployment(row).tone === "bad" ? "bad" : undefined)}
          error={deployments.error}
          onRetry={() => void deployments.refetch()}
          skeletonRows={2}
          dense
          empty={<Empty title="Not called yet">How a deployment stands is known once it was called.</Empty>}
        />
      </Card>
      <Discovered provider={provider} />
    </div>
  );
}

/** The last 24 hours in figures and as a chart. */
function Day({ name }: { name: string }) {
  const day = useQuery({
    ...query("/api/overview", { params: { query: { minutes: 1440, providers: name } } }),
    refetchInterval: 30_000,
  });
  const { totals, series } = day.data ?? {};
  return (
    <Card
      title="Last 24 hours"
      actions={
        <Link to="/logs" search={{ provider: [name] }}>
          Open its log
        </Link>
      }
    >
      <div className="providers-stats">
        <Stat label="Requests" value={totals ? compact(totals.total_requests) : "–"} />
        <Stat label="Success" value={totals && totals.total_requests > 0 ? percent(totals.success_rate / 100) : "–"} />
        <Stat label="Latency p50" value={<Duration value={totals?.p50_latency} />} />
        <Stat label="Latency p95" value={<Duration value={totals?.p95_latency} />} />
        <Stat label="First token p50" value={<Duration value={totals?.p50_ttft} />} />
        <Stat label="Cost" value={<Money value={totals?.total_cost} />} />
      </div>
      {day.error && !day.data ? (
        <Problem error={day.error} onRetry={() => void day.refetch()} />
      ) : (
        <Chart
          label={`Requests to ${name} over the last 24 hours`}
          unit="count"
          kind="bars"
          stack
          height={140}
          empty="No request in the last 24 hours"
          times={series?.map((slot) => Date.parse(slot.timestamp))}
          series={chart(series ?? [])}
        />
      )}
    </Card>
  );
}

/** Nothing at all is no chart of zeros. */
function chart(series: readonly components["schemas"]["SeriesSlot"][]): Series[] {
  const none = series.every((slot) => slot.count === 0);
  const values = (of: (slot: components["schemas"]["SeriesSlot"]) => number) =>
    series.map((slot) => (none ? null : of(slot)));
  return [
    { label: "Answered", values: values((slot) => slot.success), colour: "ok" },
    { label: "Failed", values: values((slot) => slot.error), colour: "bad" },
  ];
}

const COLUMNS: Column<Deployment>[] = [
  {
    id: "model",
    head: "Model",
    names: true,
    cell: ({ deployment }) => <span className="mono">{deployment.model}</span>,
  },
  { id: "key", head: "Key", cell: ({ key_name, deployment }) => key_name ?? deployment.key, wideOnly: true },
  {
    id: "state",
    head: "State",
    cell: (row) => {
      const { tone, word } = standingOfDeployment(row);
      return (
        <div>
          <Status tone={tone}>{word}</Status>
          {row.ready_at && (
            <span className="providers-under">
              asked again <Time value={row.ready_at} as="ago" />
            </span>
          )}
        </div>
      );
    },
  },
  {
    id: "failures",
    head: "Failed lately",
    align: "end",
    cell: ({ calls, failures, error_rate }) =>
      calls > 0 ? (
        <span title={`${failures} of ${calls} calls`}>{percent(error_rate)}</span>
      ) : (
        <span className="faint">–</span>
      ),
  },
  {
    id: "latency",
    head: "First byte",
    align: "end",
    cell: ({ latency_ms }) => <Duration value={latency_ms} />,
    wideOnly: true,
  },
  { id: "in_flight", head: "In flight", align: "end", cell: ({ in_flight }) => count(in_flight), wideOnly: true },
  {
    id: "last",
    head: "Last failure",
    cell: ({ last_failure }) =>
      last_failure ? (
        <span>
          {last_failure.words}
          <span className="providers-under">
            <Time value={last_failure.at} as="ago" />
          </span>
        </span>
      ) : (
        <span className="faint">none</span>
      ),
    wideOnly: true,
  },
];

function Discovered({ provider }: { provider: Provider }) {
  const { why } = useMay("operator");
  const { discovery } = provider;
  const refresh = useChange(
    () => call(api.POST("/api/providers/{provider}/models/refresh", { params: { path: { provider: provider.name } } })),
    {
      refreshes: ["/api/providers", "/api/models"],
      says: (shown) =>
        shown.discovery.error
          ? `No new list: ${shown.discovery.error}`
          : `${count(shown.discovery.models)} models listed`,
    },
  );
  return (
    <Card
      title="Models discovered"
      about="Every 10 minutes, when it is saved, and when it does not know a model."
      actions={
        <Button
          size="small"
          icon="refresh"
          disabledBecause={why}
          busy={refresh.isPending}
          onClick={() => refresh.mutate(undefined)}
        >
          Look now
        </Button>
      }
    >
      <KeyValue
        columns={3}
        items={[
          [
            "Models",
            discovery.at
              ? count(discovery.models)
              : provider.self_hosted || provider.custom_provider_config
                ? "no list: any may be asked for"
                : "no list: the catalogue's are taken",
          ],
          ["Listed", discovery.at && <Time value={discovery.at} as="ago" />],
          ["Latest look", <LatestLook key="look" discovery={discovery} />],
        ]}
      />
    </Card>
  );
}

function LatestLook({ discovery }: { discovery: Provider["discovery"] }) {
  if (discovery.error) return <Status tone="bad">{discovery.error}</Status>;
  return discovery.at ? <Status tone="ok">fine</Status> : <span className="soft">none yet</span>;
}
