import { keepPreviousData, useQuery } from "@tanstack/react-query";
import { getRouteApi } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { query } from "../../api/client";
import { useMay } from "../../app/session";
import { Button, Empty, PageHeader, Pages, type Sort, Table } from "../../parts";
import { AddKey } from "./AddKey";
import { COLUMNS } from "./columns";
import { Filters } from "./Filters";
import { KeySheet } from "./KeySheet";
import "./page.css";
import type { KeysSearch } from "./search";
import type { VirtualKey } from "./types";
import { ValueOnce, type ValueOnceProps } from "./ValueOnce";

const route = getRouteApi("/keys");
const PAGE = 25;

/** Virtual keys: who may use what, and how much of it. */
export default function Page(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: Partial<KeysSearch>, replace = true) =>
    navigate({ search: (now) => ({ ...now, ...change }), replace });
  const { why } = useMay("operator");
  // The one time that a value is shown; it is kept nowhere else.
  const [once, setOnce] = useState<Pick<ValueOnceProps, "made" | "how">>();
  const keys = useKeys(search);
  const add = (
    <Button kind="primary" icon="plus" disabledBecause={why} onClick={() => set({ add: true }, false)}>
      New virtual key
    </Button>
  );
  const filtered = search.q ?? search.team ?? search.customer ?? search.provider ?? search.status;
  const show = (made: VirtualKey, how: ValueOnceProps["how"]) => setOnce({ made, how });
  return (
    <div className="stack">
      <PageHeader
        title="Virtual keys"
        about="What applications present instead of a provider's key: who may use which models, and how much of them."
        actions={add}
      />
      <Filters search={search} set={set} />
      <Table
        caption="Virtual keys"
        columns={COLUMNS}
        rows={keys.data?.virtual_keys}
        rowKey={(key) => key.id}
        rowTone={(key) => (key.status === "active" ? undefined : "muted")}
        onOpen={(key) => set({ open: key.id, tab: undefined }, false)}
        openKey={search.open}
        sort={sortOf(search)}
        onSort={({ by, descending }) =>
          set({ sort: by as KeysSearch["sort"], order: descending ? "desc" : undefined, page: undefined })
        }
        error={keys.error}
        onRetry={() => void keys.refetch()}
        empty={
          filtered ? (
            <Empty title="No key fits" icon="filter">
              Take a filter away to see the others.
            </Empty>
          ) : (
            <Empty title="No virtual keys yet" icon="keys" action={add}>
              A virtual key is what an application presents instead of a provider's key. It says which providers and
              models may be used, splits calls between them, and holds budgets and limits.
            </Empty>
          )
        }
      />
      <Pages
        page={search.page ?? 0}
        size={PAGE}
        total={keys.data?.total_count}
        onPage={(page) => set({ page: page || undefined })}
      />
      {search.open !== undefined && (
        <KeySheet
          id={search.open}
          tab={search.tab ?? "use"}
          onTab={(tab) => set({ tab: tab === "use" ? undefined : tab })}
          onClose={() => set({ open: undefined, tab: undefined })}
          onRotated={(key) => show(key, "rotated")}
        />
      )}
      {search.add && (
        <AddKey
          team={search.team}
          customer={search.customer}
          onClose={() => set({ add: undefined })}
          onMade={(key) => {
            show(key, "created");
            void set({ add: undefined });
          }}
        />
      )}
      {once && (
        <ValueOnce
          {...once}
          onClose={() => {
            setOnce(undefined);
            void set({ open: once.made.id });
          }}
        />
      )}
    </div>
  );
}

function useKeys(search: KeysSearch) {
  const { q, team, customer, provider, status, sort, order, page = 0 } = search;
  const asked = {
    limit: PAGE,
    offset: page * PAGE,
    ...(q === undefined ? {} : { search: q }),
    ...(team === undefined ? {} : { team_id: team }),
    ...(customer === undefined ? {} : { customer_id: customer }),
    ...(provider === undefined ? {} : { provider }),
    ...(status === undefined ? {} : { status }),
    sort_by: sort ?? ("name" as const),
    ...(order === undefined ? {} : { order }),
  };
  return useQuery({
    ...query("/api/governance/virtual-keys", { params: { query: asked } }),
    placeholderData: keepPreviousData,
    refetchInterval: 15_000,
  });
}

function sortOf({ sort, order }: KeysSearch): Sort {
  return { by: sort ?? "name", descending: order === "desc" };
}
