// The lists of teams and customers: a page of them, searched by the server.

import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { query } from "../../api/client";

export const PAGE = 25;

interface Wanted {
  q?: string | undefined;
  page?: number | undefined;
}

function asked({ q, page = 0 }: Wanted) {
  return { limit: PAGE, offset: page * PAGE, ...(q === undefined ? {} : { search: q }) };
}

const HOW = { placeholderData: keepPreviousData, refetchInterval: 15_000 } as const;

export function useTeams(wanted: Wanted & { customer?: string | undefined }) {
  const { customer } = wanted;
  const of = { ...asked(wanted), ...(customer === undefined ? {} : { customer_id: customer }) };
  return useQuery({ ...query("/api/governance/teams", { params: { query: of } }), ...HOW });
}

export function useCustomers(wanted: Wanted) {
  return useQuery({ ...query("/api/governance/customers", { params: { query: asked(wanted) } }), ...HOW });
}
