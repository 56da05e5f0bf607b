import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, Navigate } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { query } from "../../api/client";
import { rangeName } from "../../lib/time";
import { FilterBar, FilterChip, PageHeader, Problem, RangePicker } from "../../parts";
import { Attention } from "./Attention";
import { Charts } from "./Charts";
import { Hosting } from "./Hosting";
import { FILTERS, filtered, filterOf, logSearch, type Overview, overviewQuery } from "./overview";
import "./page.css";
import { Shares } from "./Shares";
import type { OverviewSearch } from "./search";
import { Totals } from "./Totals";

const route = getRouteApi("/overview");

/** How the gateway is used: figures, their course, who uses what, and what needs somebody. */
export default function Page(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { data, error, refetch } = useQuery(overviewQuery(search));
  const providers = useQuery(query("/api/providers"));
  const filter = filterOf(search);
  const set = (change: Partial<OverviewSearch>) =>
    navigate({ search: (now) => ({ ...now, ...change }), replace: true });

  if (providers.data?.total === 0 && data?.totals.total_requests === 0 && !filter && search.range === undefined) {
    return <Navigate to="/welcome" replace />;
  }
  return (
    <div className="stack overview">
      <PageHeader
        title="Overview"
        about={
          <Link to="/logs" search={logSearch(search, filter?.name, filter?.value)}>
            The requests behind these figures
          </Link>
        }
        actions={<RangePicker value={search} onChange={({ range, from, to }) => set({ range, ...ends(from, to) })} />}
      />
      {filter && (
        <FilterBar onClear={() => navigate({ search: (now) => filtered(now), replace: true })}>
          <FilterChip
            name={FILTERS[filter.name].label}
            value={nameOf(data, filter.name, filter.value)}
            onRemove={() => navigate({ search: (now) => filtered(now), replace: true })}
          />
        </FilterBar>
      )}
      {error && !data ? (
        <Problem error={error} onRetry={() => refetch()} />
      ) : (
        <>
          <Totals overview={data} />
          <Attention dropped={data?.dropped_rows ?? 0} />
          <Charts
            series={data?.series}
            onZoom={(from, to) => set({ range: "custom", from: from.toISOString(), to: to.toISOString() })}
          />
          {data && data.hosting.length > 0 && <Hosting overview={data} onAgainst={(against) => set({ against })} />}
          <Shares overview={data} search={search} onChange={set} />
        </>
      )}
      <p className="sr-only" role="status">
        {rangeName(search) === "live" ? "Figures are brought up to date every two seconds" : ""}
      </p>
    </div>
  );
}

function ends(from: string | undefined, to: string | undefined): Partial<OverviewSearch> {
  // Named ranges have none: those of an earlier custom one must go.
  return { from, to } as Partial<OverviewSearch>;
}

/** What a filter's value is called, where the lists know it. */
function nameOf(overview: Overview | undefined, filter: keyof typeof FILTERS, value: string): string {
  const lists = { key: overview?.virtual_keys, team: overview?.teams, customer: overview?.customers };
  const list = filter in lists ? lists[filter as keyof typeof lists] : undefined;
  const own = list?.find(
    (one) => ("virtual_key" in one ? one.virtual_key : "team" in one ? one.team : one.customer) === value,
  );
  return own?.name ?? value;
}
