import { type UseQueryResult, useQuery } from "@tanstack/react-query";
import { query } from "../../../api/client";
import type { LogDetail } from "../types";

/** How long an entry may take until it is in the ledger. */
const BOOKED_WITHIN = 10_000;

/** One row with all that is kept of it. It is there a moment before its entry in the ledger is, which is waited for. */
export function useRow(id: string): UseQueryResult<LogDetail> {
  return useQuery({
    ...query("/api/logs/{id}", { params: { path: { id } } }),
    staleTime: 60_000,
    refetchInterval: ({ state: { data } }) => (data && isToBeBooked(data) ? 1_000 : false),
  });
}

function isToBeBooked(row: LogDetail): boolean {
  const age = Date.now() - Date.parse(row.timestamp) - row.latency;
  return !row.ledger && row.token_usage !== null && age < BOOKED_WITHIN;
}
