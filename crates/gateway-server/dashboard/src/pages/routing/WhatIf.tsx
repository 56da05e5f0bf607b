import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { api, call, type components } from "../../api/client";
import { useDebounced } from "../../lib/useDebounced";
import { Empty, Loading, Problem } from "../../parts";
import { Plan } from "./Plan";
import { WhatIfForm } from "./WhatIfForm";
import { asking } from "./whatif";

export type Explanation = components["schemas"]["Explanation"];

const route = getRouteApi("/routing");

/** What would happen to a call, without making it. All that is asked stands in the address, so that it can be sent on. */
export function WhatIf(): ReactNode {
  const search = route.useSearch();
  const asked = useDebounced(asking(search), 250);
  const told = useQuery({
    queryKey: ["/api/explain", asked],
    queryFn: ({ signal }) => {
      const { body, query, headers } = asked ?? { body: { model: "" }, query: {}, headers: {} };
      return call(api.POST("/api/explain", { params: { query }, body, headers, signal }));
    },
    enabled: asked !== undefined,
    placeholderData: keepPreviousData,
    retry: false,
  });
  return (
    <div className="routing-whatif">
      <WhatIfForm told={asked && told.data} />
      <div className="routing-told" aria-busy={told.isFetching}>
        {!asked ? (
          <Empty title="Which call?" icon="routing">
            Choose a model, and a virtual key if it is one's call. Every candidate is shown in the order of trial, with
            the reason, the price and the limits in the way. No call is made.
          </Empty>
        ) : told.error ? (
          <Problem error={told.error} title="This cannot be planned" onRetry={() => void told.refetch()} />
        ) : told.data ? (
          <Plan told={told.data} asked={asked} old={told.isPlaceholderData} />
        ) : (
          <Loading lines={6} />
        )}
      </div>
    </div>
  );
}
