import { useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { query } from "../../api/client";
import { useMay } from "../../app/session";
import { money } from "../../lib/format";
import { Badge, Button, type Column, Empty, SearchInput, Table, Time } from "../../parts";
import { draftOf, type Override, PRICES } from "./override";

const route = getRouteApi("/models");

/** The prices that stand in place of the catalogue's. */
export function Overrides(): ReactElement {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { why } = useMay("operator");
  const open = (price: string) => navigate({ search: (now) => ({ ...now, price }) });
  const overrides = useQuery(
    query("/api/governance/pricing-overrides", {
      params: { query: { limit: 500, ...(search.q && { search: search.q }) } },
    }),
  );
  return (
    <div className="stack">
      <SearchInput
        label="Search prices"
        value={search.q ?? ""}
        onChange={(q) => navigate({ search: (now) => ({ ...now, q: q || undefined }), replace: true })}
      />
      <Table
        caption="Prices set here"
        columns={COLUMNS}
        rows={overrides.data?.pricing_overrides}
        rowKey={(one) => one.id ?? ""}
        onOpen={(one) => open(one.id ?? "")}
        openKey={search.price}
        error={overrides.error}
        onRetry={() => void overrides.refetch()}
        empty={
          <Empty
            title={search.q ? "No price fits" : "No price is set here"}
            icon="tag"
            action={
              <Button icon="plus" disabledBecause={why} onClick={() => open("new")}>
                Set a price
              </Button>
            }
          >
            Models cost what the catalogue says, and self-hosted ones nothing. Set a price for a contract of your own,
            for a model that the catalogue does not know, or to charge for your own machines.
          </Empty>
        }
      />
    </div>
  );
}

const COLUMNS: Column<Override>[] = [
  {
    id: "models",
    head: "Models",
    names: true,
    cell: (one) => (
      <div>
        <span className="mono">{one.model_pattern}</span>
        {one.match_type && one.match_type !== "exact" && <Badge>{one.match_type}</Badge>}
        {one.name && <span className="models-under">{one.name}</span>}
      </div>
    ),
  },
  {
    id: "provider",
    head: "Provider",
    cell: ({ provider }) => provider ?? <span className="soft">every provider</span>,
  },
  {
    id: "prices",
    head: "Per million tokens",
    cell: (one) => {
      const { prices, others } = draftOf(one);
      const said = Object.entries(PRICES).flatMap(([field, label]) => {
        const dollars = prices[field as keyof typeof PRICES];
        return dollars === undefined ? [] : [`${label} ${dollars === 0 ? "free" : money(dollars)}`];
      });
      return (
        [...said, ...(others.length > 0 ? [`${others.length} more`] : [])].join(" · ") || (
          <span className="soft">free</span>
        )
      );
    },
  },
  {
    id: "holds",
    head: "Holds",
    wideOnly: true,
    cell: ({ effective_from: from, effective_until: until }) =>
      from || until ? (
        <span>
          {from ? (
            <>
              from <Time value={from} as="day" />{" "}
            </>
          ) : null}
          {until ? (
            <>
              until <Time value={until} as="day" />
            </>
          ) : null}
        </span>
      ) : (
        <span className="soft">always</span>
      ),
  },
  {
    id: "origin",
    head: "From",
    wideOnly: true,
    cell: ({ origin }) => (origin === "api" ? <span className="soft">here</span> : <Badge>{origin}</Badge>),
  },
];
