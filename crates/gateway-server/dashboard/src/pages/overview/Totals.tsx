// The figures of the whole range, and how they changed against the time before.

import type { ReactElement } from "react";
import { compact, count, duration, money, percent } from "../../lib/format";
import { Duration, Money, Skeleton, Sparkline, Stat, Tokens } from "../../parts";
import { change, type Overview } from "./overview";

export function Totals({ overview }: { overview: Overview | undefined }): ReactElement {
  if (!overview) return <Waiting />;
  const { totals, previous, series } = overview;
  const failed = totals.errors + totals.cancelled;
  const line = (of: (slot: Overview["series"][number]) => number | null) => (
    <Sparkline values={series.map((slot) => of(slot) ?? 0)} width={120} />
  );
  return (
    <section className="overview-totals" aria-label="Totals">
      <Stat
        label="Requests"
        value={<span title={count(totals.total_requests)}>{compact(totals.total_requests)}</span>}
        delta={change(totals.total_requests, previous.total_requests)}
        hint={`${compact(failed)} failed or cancelled`}
      >
        {line((slot) => slot.count)}
      </Stat>
      <Stat
        label="Success rate"
        value={totals.total_requests > 0 ? percent(totals.success_rate / 100, 2) : "–"}
        hint={previous.total_requests > 0 ? `${percent(previous.success_rate / 100, 2)} before` : "No requests before"}
      >
        {line((slot) => (slot.count > 0 ? slot.success_rate : 100))}
      </Stat>
      <Stat
        label="Tokens"
        value={<Tokens value={totals.total_tokens} />}
        delta={change(totals.total_tokens, previous.total_tokens)}
        hint={`${compact(totals.input_tokens)} in, ${compact(totals.output_tokens)} out`}
      >
        {line((slot) => slot.total_tokens)}
      </Stat>
      <Stat
        label="Cost"
        value={<Money value={totals.total_cost} />}
        delta={change(totals.total_cost, previous.total_cost)}
        more="bad"
        hint={totals.successes > 0 ? `${money(totals.total_cost / totals.successes)} per answer` : "Nothing answered"}
      >
        {line((slot) => slot.total_cost)}
      </Stat>
      <Stat
        label="Latency, p50"
        value={<Duration value={totals.p50_latency} />}
        delta={change(totals.p50_latency, previous.p50_latency)}
        more="bad"
        hint={`p95 ${duration(totals.p95_latency)}, p99 ${duration(totals.p99_latency)}`}
      >
        {line((slot) => slot.p50_latency)}
      </Stat>
      <Stat
        label="Time to first token, p50"
        value={<Duration value={totals.p50_ttft} />}
        delta={change(totals.p50_ttft, previous.p50_ttft)}
        more="bad"
        hint={`p95 ${duration(totals.p95_ttft)}`}
      >
        {line((slot) => slot.p50_ttft)}
      </Stat>
    </section>
  );
}

function Waiting() {
  return (
    <section className="overview-totals" aria-label="Totals" aria-busy="true">
      {["Requests", "Success rate", "Tokens", "Cost", "Latency, p50", "Time to first token, p50"].map((label) => (
        <Stat key={label} label={label} value={<Skeleton width="6ch" />} />
      ))}
    </section>
  );
}
