import type { ReactElement } from "react";
import { UNITS } from "../../lib/format";
import { Meter } from "../figures";
import type { Budget, RateLimit, WithLimits } from "./draft";
import "./limits.css";
import { perWindow } from "./windows";

export interface LimitsUseProps {
  limits: WithLimits;
  /** Whose they are, for screen readers: `Team Core`. */
  of: string;
  /** What to say where nothing is limited. */
  none?: string;
}

/** Every budget and limit of an owner with its use as a bar, and when it begins anew. */
export function LimitsUse({ limits, of, none = "No limits of its own." }: LimitsUseProps): ReactElement {
  if (limits.budgets.length === 0 && !limits.rate_limit) return <p className="soft small">{none}</p>;
  return (
    <ul className="limits-list">
      {limits.budgets.map((budget) => (
        <li key={budget.id}>
          <BudgetMeter budget={budget} of={of} showLabel />
        </li>
      ))}
      {limits.rate_limit && <RateMeters limit={limits.rate_limit} of={of} />}
    </ul>
  );
}

/** A budget's use. */
export function BudgetMeter({ budget, of, showLabel }: { budget: Budget; of: string; showLabel?: boolean }) {
  const window = perWindow(budget.reset_duration, budget.calendar_aligned);
  return (
    <Meter
      label={showLabel ? `Budget ${window}` : `Budget of ${of} ${window}`}
      showLabel={showLabel ?? false}
      used={budget.current_usage}
      held={budget.held}
      limit={budget.max_limit}
      unit="money"
      resetsAt={budget.resets_at}
    />
  );
}

function RateMeters({ limit, of }: { limit: RateLimit; of: string }): ReactElement {
  return (
    <>
      {rates(limit).map((rate) => (
        <li key={rate.name}>
          <Meter label={rate.label} showLabel {...rate.use} />
        </li>
      ))}
      {rates(limit).length === 0 && <li className="soft small">{of} has an empty rate limit.</li>}
    </>
  );
}

interface Rate {
  name: string;
  label: string;
  use: { used: number; held: number; limit: number; unit: "count" | "tokens"; resetsAt: string | null | undefined };
}

/** The parts of a rate limit that limit something. */
export function rates(limit: RateLimit): Rate[] {
  const { calendar_aligned: aligned } = limit;
  const all: Rate[] = [];
  if (typeof limit.request_max_limit === "number") {
    all.push({
      name: "requests",
      label: `Requests ${perWindow(limit.request_reset_duration ?? "", aligned)}`,
      use: {
        used: limit.request_current_usage ?? 0,
        held: 0,
        limit: limit.request_max_limit,
        unit: "count",
        resetsAt: limit.request_resets_at,
      },
    });
  }
  if (typeof limit.token_max_limit === "number") {
    all.push({
      name: "tokens",
      label: `Tokens ${perWindow(limit.token_reset_duration ?? "", aligned)}`,
      use: {
        used: limit.token_current_usage ?? 0,
        held: limit.token_held ?? 0,
        limit: limit.token_max_limit,
        unit: "tokens",
        resetsAt: limit.token_resets_at,
      },
    });
  }
  if (typeof limit.max_in_flight === "number") {
    all.push({
      name: "in_flight",
      label: "Requests at the same time",
      use: {
        used: limit.current_in_flight ?? 0,
        held: 0,
        limit: limit.max_in_flight,
        unit: "count",
        resetsAt: null,
      },
    });
  }
  return all;
}

/** The fullest of the rate limits in a few words: `820 of 1,000 requests`, for a cell of a table. */
export function RateSummary({ limit }: { limit: RateLimit | null | undefined }): ReactElement {
  const share = ({ use }: Rate) => (use.limit > 0 ? use.used / use.limit : 1);
  const fullest = limit && rates(limit).toSorted((one, other) => share(other) - share(one))[0];
  if (!fullest) return <span className="faint">–</span>;
  const { use, label } = fullest;
  const write = UNITS.count.axis;
  return (
    <span
      className={share(fullest) >= 1 ? "status-bad" : share(fullest) >= 0.8 ? "status-warn" : undefined}
      title={label}
    >
      {write(use.used)} / {write(use.limit)}
      <span className="faint">
        {" "}
        {fullest.name === "in_flight" ? "at once" : `${fullest.name === "tokens" ? "tok" : "req"}`}
      </span>
    </span>
  );
}
