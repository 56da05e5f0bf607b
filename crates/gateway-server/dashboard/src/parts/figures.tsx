// Figures with a shape: what stands beside numbers so that they are seen at a glance.

import clsx from "clsx";
import type { ReactElement, ReactNode } from "react";
import { longDuration, percent, UNITS, type Unit } from "../lib/format";
import "./data.css";
import { useNow } from "./values";

export type Tone = "ok" | "warn" | "bad" | "info" | "muted";

/** A short word about a state. */
export function Badge({ tone = "muted", children }: { tone?: Tone; children: ReactNode }): ReactElement {
  return <span className={clsx("badge", `badge-${tone}`)}>{children}</span>;
}

/** A state with a dot before it; the word carries the meaning, not the colour. */
export function Status({ tone, children }: { tone: Tone; children: ReactNode }): ReactElement {
  return (
    <span className="status">
      <span className={clsx("dot", `dot-${tone}`)} aria-hidden="true" />
      {children}
    </span>
  );
}

export interface StatProps {
  label: ReactNode;
  value: ReactNode;
  /** Against the period before, as a share: 0.12 is 12% more. */
  delta?: number | undefined;
  /** Whether more is good, bad, or neither. */
  more?: "good" | "bad" | "neutral";
  hint?: ReactNode;
  /** A sparkline or a meter below. */
  children?: ReactNode;
}

/** One figure with its name. */
export function Stat({ label, value, delta, more = "neutral", hint, children }: StatProps): ReactElement {
  return (
    <div className="stat">
      <div className="stat-label">{label}</div>
      <div className="stat-value">
        {value}
        {delta !== undefined && Number.isFinite(delta) && <Delta delta={delta} more={more} />}
      </div>
      {hint && <div className="stat-hint">{hint}</div>}
      {children}
    </div>
  );
}

function Delta({ delta, more }: { delta: number; more: "good" | "bad" | "neutral" }) {
  const rises = delta > 0;
  const tone = delta === 0 || more === "neutral" ? "muted" : rises === (more === "good") ? "ok" : "bad";
  return (
    <span className={`stat-delta status-${tone}`}>
      <span aria-hidden="true">{delta === 0 ? "=" : rises ? "↑" : "↓"}</span>
      <span className="sr-only">{rises ? "up by" : "down by"}</span> {percent(Math.abs(delta), 0)}
      <span className="sr-only"> against the period before</span>
    </span>
  );
}

export interface MeterProps {
  /** What is measured: `Budget of team A`. */
  label: string;
  used: number;
  /** Taken by calls that are under way. */
  held?: number;
  limit: number;
  unit: Unit;
  /** When it begins anew. */
  resetsAt?: string | undefined | null;
  /** Shows the label above; else it is for screen readers. */
  showLabel?: boolean;
}

/** Use against a limit, with the part that calls under way hold, and when it begins anew. */
export function Meter({ label, used, held = 0, limit, unit, resetsAt, showLabel }: MeterProps): ReactElement {
  const now = useNow(10_000);
  const share = limit > 0 ? used / limit : 1;
  const tone = share >= 1 ? "bad" : share >= 0.8 ? "warn" : "ok";
  const write = UNITS[unit].full;
  const wait = resetsAt ? (Date.parse(resetsAt) - now.getTime()) / 1000 : undefined;
  const text = `${write(used)} of ${write(limit)}`;
  return (
    <div className="meter">
      {showLabel && <div className="meter-label">{label}</div>}
      <div
        className="meter-bar"
        role="meter"
        aria-label={label}
        aria-valuemin={0}
        aria-valuemax={limit}
        aria-valuenow={Math.min(used, limit)}
        aria-valuetext={held > 0 ? `${text}, ${write(held)} held` : text}
      >
        <span className={clsx("meter-used", `meter-${tone}`)} style={{ width: wide(share) }} />
        <span className="meter-held" style={{ width: wide(Math.min(held / limit, 1 - share)) }} />
      </div>
      <div className="meter-text">
        <span>
          {text}
          {held > 0 && <span className="faint"> · {write(held)} held</span>}
        </span>
        {wait !== undefined && Number.isFinite(wait) && (
          <span className="faint">{wait > 0 ? `resets in ${longDuration(wait)}` : "resets now"}</span>
        )}
      </div>
    </div>
  );
}

function wide(share: number): string {
  return `${Math.max(0, Math.min(1, Number.isFinite(share) ? share : 0)) * 100}%`;
}

export interface SplitPart {
  label: string;
  weight: number;
}

/** Weights as the shares of traffic that they result in. */
export function SplitBar({ parts, label }: { parts: readonly SplitPart[]; label: string }): ReactElement {
  const total = parts.reduce((sum, part) => sum + Math.max(0, part.weight), 0);
  return (
    <div className="split">
      <div className="split-bar" aria-hidden="true">
        {parts.map((part, index) => (
          <span
            key={part.label}
            className={`series-${(index % 8) + 1}`}
            style={{ width: wide(total > 0 ? part.weight / total : 0) }}
          />
        ))}
      </div>
      <ul className="split-legend" aria-label={label}>
        {parts.map((part, index) => (
          <li key={part.label}>
            <span className={clsx("swatch", `series-${(index % 8) + 1}`)} aria-hidden="true" />
            <span className="truncate">{part.label}</span>
            <span className="soft">
              {total > 0 && part.weight > 0 ? percent(part.weight / total) : "only as a fallback"}
            </span>
          </li>
        ))}
      </ul>
    </div>
  );
}

/** A line without axes, for a cell or a stat. What it shows must stand beside it in words. */
export function Sparkline({
  values,
  width = 96,
  height = 24,
}: {
  values: readonly number[];
  width?: number;
  height?: number;
}) {
  const most = Math.max(...values, 0);
  const least = Math.min(...values, 0);
  const reach = most - least || 1;
  const step = values.length > 1 ? (width - 2) / (values.length - 1) : 0;
  const points = values.map((value, index) => {
    const y = height - 2 - ((value - least) / reach) * (height - 4);
    return `${(1 + index * step).toFixed(1)},${y.toFixed(1)}`;
  });
  return (
    <svg className="sparkline" width={width} height={height} viewBox={`0 0 ${width} ${height}`} aria-hidden="true">
      <polyline points={points.join(" ")} fill="none" stroke="currentColor" strokeWidth="1.5" strokeLinejoin="round" />
    </svg>
  );
}
