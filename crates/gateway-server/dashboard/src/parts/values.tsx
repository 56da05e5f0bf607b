// Values as text: money, tokens, durations, times. The exact value is there on hover.

import { type ReactElement, useEffect, useState } from "react";
import * as format from "../lib/format";

type Maybe = number | null | undefined;

/** Dollars; all nine decimals on hover. */
export function Money({ value }: { value: Maybe }): ReactElement {
  return (
    <data value={value ?? ""} title={format.exactMoney(value)}>
      {format.money(value)}
    </data>
  );
}

/** A number of tokens, short where it is large. */
export function Tokens({ value }: { value: Maybe }): ReactElement {
  return (
    <data value={value ?? ""} title={`${format.count(value)} tokens`}>
      {format.compact(value)}
    </data>
  );
}

/** Milliseconds. */
export function Duration({ value }: { value: Maybe }): ReactElement {
  return (
    <data value={value ?? ""} title={`${format.count(value)} ms`}>
      {format.duration(value)}
    </data>
  );
}

export interface TimeProps {
  /** A moment: RFC 3339, or milliseconds since 1970. */
  value: string | number | Date | null | undefined;
  /** `clock` for rows of a table, `ago` for how long it is since, `day` for the day. */
  as?: "clock" | "ago" | "day";
}

/** A moment in local time; the exact one on hover. */
export function Time({ value, as = "clock" }: TimeProps): ReactElement {
  const now = useNow(as === "ago" ? 10_000 : 60_000);
  const date = value === null || value === undefined ? undefined : new Date(value);
  if (!date || Number.isNaN(date.getTime())) return <span>–</span>;
  const shown = { clock: format.clock, ago: format.relative, day: format.day }[as](date, now);
  return (
    <time dateTime={date.toISOString()} title={format.exactTime(date)}>
      {shown}
    </time>
  );
}

/** The moment it is, renewed that often; for what is told from now. */
export function useNow(every = 1_000): Date {
  const [now, setNow] = useState(() => new Date());
  useEffect(() => {
    const timer = setInterval(() => setNow(new Date()), every);
    return () => clearInterval(timer);
  }, [every]);
  return now;
}
