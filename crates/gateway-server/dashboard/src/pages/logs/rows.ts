// The rows that are shown: a page of the API, and above it those that have come since. They wait while one reads.

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { useCallback, useEffect, useRef, useState } from "react";
import { api, call, type paths } from "../../api/client";
import { type LiveState, useLive } from "../../api/live";
import { rangeName, refetchEvery, spanOf } from "../../lib/time";
import { apiFilters, apiQuery, fits } from "./filters";
import type { LogsSearch } from "./search";
import type { LogPage, LogRow } from "./types";

export const PAGE = 50;
/** With so many rows above it, the page is asked for anew. */
const MOST_ARRIVED = 200;

type Asked = NonNullable<paths["/api/logs"]["get"]["parameters"]["query"]>;

/** Whether new rows have a place at the top. Text is not looked for here: what is kept of bodies is not in a row. */
export function follows(search: LogsSearch): boolean {
  const newestFirst = (search.sort ?? "timestamp") === "timestamp" && search.order !== "asc";
  return newestFirst && !search.cursor && !search.q && rangeName(search) !== "custom";
}

export interface Rows {
  rows: LogRow[] | undefined;
  page: LogPage | undefined;
  /** Those of the rows that came while one looked. */
  arrived: ReadonlySet<string>;
  /** How many wait to be shown. */
  waiting: number;
  show: () => void;
  error: Error | null;
  retry: () => void;
  live: LiveState | undefined;
  /** How many came too fast to be followed, if any did. */
  missed: number;
  /** Whether another page is on its way while this one still stands. */
  changing: boolean;
}

/** `held`: whether new rows are to wait. */
export function useRows(search: LogsSearch, held: boolean): Rows {
  const following = follows(search);
  const asked = queryOf(search);
  const key = JSON.stringify(asked);
  const page = useQuery({
    queryKey: ["/api/logs", asked, search.range, search.from, search.to],
    queryFn: ({ signal }) => {
      const span = spanOf(search, new Date());
      const params = { query: { ...apiQuery(search, span), ...asked } as Asked };
      return call(api.GET("/api/logs", { params, signal }));
    },
    placeholderData: keepPreviousData,
    // What is followed is up to date by itself; text is looked for again and again.
    staleTime: following ? Number.POSITIVE_INFINITY : 5_000,
    refetchOnMount: "always",
    refetchInterval:
      search.q && !search.cursor && !held ? Math.max(5_000, refetchEvery(rangeName(search)) || 0) : false,
  });
  const { data, refetch } = page;

  const [arrived, setArrived] = useState<LogRow[]>([]);
  const [waiting, setWaiting] = useState<LogRow[]>([]);
  const [missed, setMissed] = useState(0);
  const startAgain = useCallback(() => {
    void refetch().then(() => setArrived([]));
  }, [refetch]);

  // Other filters: what has come for the old ones is nothing to go by.
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key stands for the filters
  useEffect(() => {
    setArrived([]);
    setWaiting([]);
    setMissed(0);
  }, [key]);

  const show = useCallback(() => {
    setArrived((now) => [...waiting, ...now]);
    setWaiting([]);
  }, [waiting]);
  useEffect(() => {
    if (!held && waiting.length > 0) show();
  }, [held, waiting, show]);
  useEffect(() => {
    if (arrived.length > MOST_ARRIVED) startAgain();
  }, [arrived, startAgain]);

  const live = useLive<LogRow>({
    paused: !following,
    onRow: (row) => {
      if (!fits(row, search)) return;
      const add = (now: LogRow[]) => [row, ...now];
      if (held) setWaiting(add);
      else setArrived(add);
    },
    onLagged: (lost) => {
      setMissed((now) => now + lost);
      startAgain();
    },
  });
  // What came while the feed was away is in no event.
  const lost = useRef(false);
  useEffect(() => {
    if (live.is === "lost") lost.current = true;
    if (live.is === "open" && lost.current) {
      lost.current = false;
      startAgain();
    }
  }, [live, startAgain]);

  return {
    rows: data && together(following ? arrived : [], data.logs),
    page: data,
    arrived: new Set(arrived.map((row) => row.id)),
    waiting: unseen(waiting, data?.logs ?? []),
    show,
    error: page.error,
    retry: () => void refetch(),
    live: following ? live : undefined,
    missed,
    changing: page.isPlaceholderData,
  };
}

function queryOf(search: LogsSearch): Record<string, unknown> {
  return {
    ...apiFilters(search),
    limit: PAGE,
    totals: false,
    sort_by: search.sort,
    order: search.order,
    cursor: search.cursor,
  };
}

/** A row stands once, wherever it came from. Rows come when they are over, and stand by when they began. */
function together(arrived: readonly LogRow[], page: readonly LogRow[]): LogRow[] {
  if (arrived.length === 0) return [...page];
  const ids = new Set<string>();
  const once = [...arrived, ...page].filter((row) => !ids.has(row.id) && ids.add(row.id));
  return once.sort((one, other) => (one.timestamp === other.timestamp ? 0 : one.timestamp < other.timestamp ? 1 : -1));
}

function unseen(waiting: readonly LogRow[], page: readonly LogRow[]): number {
  const ids = new Set(page.map((row) => row.id));
  return waiting.filter((row) => !ids.has(row.id)).length;
}
