import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { query } from "../../api/client";
import { count, percent } from "../../lib/format";
import { Chart } from "../Chart";
import { Stat } from "../figures";
import { Problem } from "../states";
import { Money, Tokens } from "../values";
import "./limits.css";

const MINUTES = 7 * 24 * 60;

export interface ActivityProps {
  /** Whose calls: one of them. */
  of: { virtual_key_ids: string } | { team_ids: string } | { customer_ids: string };
}

/** The last seven days: requests, tokens and cost, and the cost over time; with a way to the calls. */
export function Activity({ of }: ActivityProps): ReactElement {
  const week = useQuery({
    ...query("/api/overview", { params: { query: { ...of, minutes: MINUTES } } }),
    refetchInterval: 60_000,
  });
  const totals = week.data?.totals;
  if (week.error) return <Problem error={week.error} onRetry={() => void week.refetch()} />;
  return (
    <section className="stack-tight" aria-label="The last seven days">
      <div className="limits-activity-head">
        <h3>Last 7 days</h3>
        <CallsLink of={of} />
      </div>
      {totals?.total_requests === 0 ? (
        <p className="soft small">No calls in the last seven days.</p>
      ) : (
        <>
          <div className="limits-stats">
            <Stat label="Cost" value={<Money value={totals?.total_cost} />} />
            <Stat label="Requests" value={count(totals?.total_requests)} />
            <Stat label="Tokens" value={<Tokens value={totals?.total_tokens} />} />
            <Stat label="Success" value={totals?.total_requests ? percent(totals.success_rate / 100) : "–"} />
          </div>
          <Chart
            label="Cost over the last seven days"
            times={week.data?.series.map((slot) => Date.parse(slot.timestamp))}
            series={[{ label: "Cost", values: week.data?.series.map((slot) => slot.total_cost) ?? [] }]}
            kind="bars"
            unit="money"
            height={120}
          />
        </>
      )}
    </section>
  );
}

function CallsLink({ of }: ActivityProps): ReactElement {
  const search =
    "virtual_key_ids" in of
      ? { key: [of.virtual_key_ids] }
      : "team_ids" in of
        ? { team: [of.team_ids] }
        : { customer: [of.customer_ids] };
  return (
    <Link to="/logs" search={{ ...search, range: "7d" }}>
      See its calls
    </Link>
  );
}
