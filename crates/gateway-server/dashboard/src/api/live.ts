// The live log: finished calls as they happen. Comes back by itself, can be paused.

import { useEffect, useRef, useState } from "react";
import { messageOf } from "./problem";
import { readEvents, type ServerEvent } from "./sse";

const FIRST_WAIT = 1_000;
const LONGEST_WAIT = 30_000;

/** What `/api/logs/live` sends. */
export interface LiveRow<Row> {
  type: "log";
  operation: string;
  payload: Row;
}

export interface LiveOptions<Row> {
  /** Takes a row. Not called while paused. */
  onRow: (row: Row, operation: string) => void;
  /** Rows were lost, because this reader was too slow. */
  onLagged?: (missed: number) => void;
  /** Whether to stop listening for now. */
  paused?: boolean;
}

export type LiveState = { is: "paused" } | { is: "connecting" } | { is: "open" } | { is: "lost"; why: string };

/** Follows the log while the component is there. */
export function useLive<Row>({ onRow, onLagged, paused = false }: LiveOptions<Row>): LiveState {
  const [state, setState] = useState<LiveState>({ is: "connecting" });
  const latest = useRef({ onRow, onLagged });
  useEffect(() => {
    latest.current = { onRow, onLagged };
  });
  useEffect(() => {
    if (paused) {
      setState({ is: "paused" });
      return;
    }
    const stop = new AbortController();
    void follow(stop.signal, setState, (event) => {
      const message: unknown = JSON.parse(event.data);
      if (event.event === "log") {
        const { payload, operation } = message as LiveRow<Row>;
        latest.current.onRow(payload, operation);
      } else if (event.event === "lagged") {
        latest.current.onLagged?.((message as { missed: number }).missed);
      }
    });
    return () => stop.abort();
  }, [paused]);
  return state;
}

async function follow(signal: AbortSignal, tell: (state: LiveState) => void, take: (event: ServerEvent) => void) {
  let wait = FIRST_WAIT;
  while (!signal.aborted) {
    let why = "The feed ended.";
    try {
      await readEvents("/api/logs/live", take, {
        signal,
        opened: () => {
          wait = FIRST_WAIT;
          tell({ is: "open" });
        },
      });
    } catch (error) {
      why = messageOf(error);
    }
    if (signal.aborted) return;
    tell({ is: "lost", why });
    await pause(wait, signal);
    wait = Math.min(wait * 2, LONGEST_WAIT);
  }
}

function pause(milliseconds: number, signal: AbortSignal): Promise<void> {
  return new Promise((resolve) => {
    const timer = setTimeout(resolve, milliseconds);
    signal.addEventListener("abort", () => {
      clearTimeout(timer);
      resolve();
    });
  });
}
