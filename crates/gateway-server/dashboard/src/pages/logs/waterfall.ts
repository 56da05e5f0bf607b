// Where the bars of a waterfall stand: attempts on one scale, and what the gateway did itself before, between and after.

import type { LogAttempt, LogRow } from "./types";

/** A piece of a bar, in shares of the whole width from 0 to 1. */
export interface Piece {
  from: number;
  width: number;
  milliseconds: number;
  /** `own`: the gateway itself; `waiting`: nothing has come yet; `receiving`: the answer comes. */
  kind: "own" | "waiting" | "receiving";
}

export interface Bar {
  attempt: LogAttempt;
  /** Its number among the attempts that were made; none where it was passed over. */
  number: number | undefined;
  pieces: Piece[];
  /** What came of it. */
  tone: "ok" | "bad" | "muted" | "warn";
  words: string;
}

export interface Waterfall {
  /** The length of the whole, in milliseconds. */
  whole: number;
  ticks: { at: number; milliseconds: number }[];
  bars: Bar[];
  /** Of the whole, what was the gateway's own, in pieces. */
  own: Piece[];
  /** When the first content went out, as a share. */
  firstContent: number | undefined;
}

/** Lays a request out. */
export function waterfall(row: Pick<LogRow, "attempts" | "latency" | "time_to_first_token" | "stream">): Waterfall {
  const ends = row.attempts.map((attempt) => attempt.ended);
  const whole = Math.max(row.latency, ...ends, 0.001);
  const share = (milliseconds: number) => Math.min(1, Math.max(0, milliseconds / whole));
  const piece = (kind: Piece["kind"], from: number, to: number): Piece[] =>
    to > from ? [{ kind, from: share(from), width: share(to) - share(from), milliseconds: to - from }] : [];

  let number = 0;
  const bars = row.attempts.map((attempt): Bar => {
    const skipped = attempt.outcome === "skipped";
    if (!skipped) number += 1;
    // Nothing is known of the head of an answer that an earlier version wrote down: its first content is what there is.
    const first = attempt.started + (attempt.head ?? attempt.latency);
    return {
      attempt,
      number: skipped ? undefined : number,
      pieces: skipped ? [] : [...piece("waiting", attempt.started, first), ...piece("receiving", first, attempt.ended)],
      tone: tone(attempt.outcome),
      words: outcome(attempt),
    };
  });
  return {
    whole,
    ticks: ticks(whole).map((milliseconds) => ({ at: share(milliseconds), milliseconds })),
    bars,
    own: gaps(row.attempts, whole).flatMap(([from, to]) => piece("own", from, to)),
    firstContent: row.stream && row.time_to_first_token !== null ? share(row.time_to_first_token ?? 0) : undefined,
  };
}

/** The stretches in which no attempt was under way. */
function gaps(attempts: readonly LogAttempt[], whole: number): [number, number][] {
  const made = attempts.filter((attempt) => attempt.outcome !== "skipped").toSorted((a, b) => a.started - b.started);
  const found: [number, number][] = [];
  let until = 0;
  for (const { started, ended } of made) {
    if (started > until) found.push([until, started]);
    until = Math.max(until, ended);
  }
  if (whole > until) found.push([until, whole]);
  return found;
}

/** Three to six round times from 0 on. */
export function ticks(whole: number): number[] {
  const rough = whole / 5;
  const power = 10 ** Math.floor(Math.log10(rough));
  const step = [1, 2, 5, 10].map((factor) => factor * power).find((size) => size >= rough) ?? rough;
  const found: number[] = [];
  for (let at = 0; at <= whole; at += step) found.push(Number(at.toPrecision(12)));
  return found;
}

const TONES: Record<string, Bar["tone"]> = { success: "ok", skipped: "muted", abandoned: "muted", rejected: "warn" };

function tone(outcome: string): Bar["tone"] {
  return TONES[outcome] ?? "bad";
}

const WORDS: Record<string, string> = {
  success: "Answered",
  rejected: "Called the request wrong",
  key_refused: "Refused the key",
  rate_limited: "Rate limited the key",
  model_missing: "Did not know the model",
  failed: "Failed",
  busy: "Was busy",
  unreachable: "Could not be reached",
  timed_out: "Did not answer in time",
  broke: "Broke off",
  skipped: "Passed over",
  abandoned: "The client left",
};

function outcome(attempt: LogAttempt): string {
  const words = WORDS[attempt.outcome] ?? attempt.outcome;
  return attempt.status_code && attempt.outcome !== "success" ? `${words} (${attempt.status_code})` : words;
}

const REASONS: Record<string, string> = {
  first: "First choice",
  retry: "Tried again",
  other_key: "Another key",
  fallback: "Fallback",
};

/** Why an attempt was made, in words. */
export function reason(attempt: LogAttempt): string {
  return REASONS[attempt.reason] ?? attempt.reason;
}
