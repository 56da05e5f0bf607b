// Figures over all rows that match, and when they came.

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { api, call, type paths } from "../../api/client";
import { count, duration, money, percent, plural } from "../../lib/format";
import { rangeName, refetchEvery, spanOf } from "../../lib/time";
import { Chart } from "../../parts";
import { apiFilters, apiQuery, LISTS, type ListFilter } from "./filters";
import type { LogsSearch } from "./search";

type StatsQuery = NonNullable<paths["/api/logs/stats"]["get"]["parameters"]["query"]>;
type HistogramQuery = NonNullable<paths["/api/logs/histogram"]["get"]["parameters"]["query"]>;

interface SummaryProps {
  search: LogsSearch;
  onZoom: (from: Date, to: Date) => void;
}

export function Summary({ search, onZoom }: SummaryProps): ReactElement {
  return (
    <section className="logs-summary" aria-label="Summary of the rows that match">
      <Stats search={search} />
      <Histogram search={search} onZoom={onZoom} />
    </section>
  );
}

function Stats({ search }: { search: LogsSearch }) {
  const filters = apiFilters(search);
  const { data, isPlaceholderData, error } = useQuery({
    queryKey: ["/api/logs/stats", filters, search.range, search.from, search.to],
    queryFn: ({ signal }) => {
      const query = apiQuery(search, spanOf(search, new Date())) as StatsQuery;
      return call(api.GET("/api/logs/stats", { params: { query }, signal }));
    },
    placeholderData: keepPreviousData,
    refetchInterval: refetchEvery(rangeName(search)),
  });
  if (error && !data)
    return <p className="soft small">The figures of this range could not be loaded: {error.message}</p>;
  const nothing = !data || data.total_requests === 0;
  const facts: [string, string][] = [
    ["Requests", count(data?.total_requests)],
    ["Succeeded", nothing ? "–" : percent(data.success_rate / 100)],
    ["Average latency", nothing ? "–" : duration(data.average_latency)],
    ["Tokens in", count(data?.input_tokens)],
    ["Tokens out", count(data?.output_tokens)],
    ["Cost", money(data?.total_cost)],
  ];
  return (
    <dl className="logs-stats" aria-busy={isPlaceholderData || !data}>
      {facts.map(([name, value]) => (
        <div key={name}>
          <dt>{name}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}

/** Filters that charts are drawn by, one kind at a time. */
const DRAWN: readonly ListFilter[] = ["provider", "model", "key", "team", "customer"];

function Histogram({ search, onZoom }: SummaryProps) {
  const drawn = DRAWN.filter((filter) => search[filter]?.length);
  const others = Object.keys(apiFilters(search)).length - drawn.length;
  const can = drawn.length <= 1 && others === 0;
  const filter = drawn[0];
  const { data } = useQuery({
    queryKey: ["/api/logs/histogram", filter && search[filter], search.range, search.from, search.to],
    queryFn: ({ signal }) => {
      const { from, to } = spanOf(search, new Date());
      const query: Record<string, string> = { start_time: from.toISOString(), end_time: to.toISOString() };
      if (filter) query[LISTS[filter].api] = (search[filter] ?? []).join(",");
      return call(api.GET("/api/logs/histogram", { params: { query: query as HistogramQuery }, signal }));
    },
    enabled: can,
    placeholderData: keepPreviousData,
    refetchInterval: refetchEvery(rangeName(search)),
  });
  if (!can) {
    return <p className="faint small logs-nochart">The chart shows one kind of filter at a time: {list(DRAWN)}.</p>;
  }
  const buckets = data?.buckets;
  return (
    <div className="logs-chart">
      <Chart
        label={`Requests by how they ended, in intervals of ${plural((data?.bucket_size_seconds ?? 60) / 60, "minute")}`}
        times={buckets?.map((bucket) => Date.parse(bucket.timestamp))}
        series={[
          { label: "Success", values: buckets?.map((bucket) => bucket.success) ?? [], colour: "ok" },
          { label: "Error", values: buckets?.map((bucket) => bucket.error) ?? [], colour: "bad" },
          { label: "Cancelled", values: buckets?.map((bucket) => bucket.cancelled) ?? [], colour: "muted" },
        ]}
        kind="bars"
        stack
        unit="count"
        height={120}
        onZoom={onZoom}
      />
    </div>
  );
}

function list(filters: readonly ListFilter[]): string {
  return filters.map((filter) => LISTS[filter].label.toLowerCase()).join(", ");
}
