import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type ReactElement, useDeferredValue } from "react";
import { type components, query } from "../../../api/client";
import { plural } from "../../../lib/format";
import { Button, type Column, Empty, FilterBar, SearchInput, Table, Tokens } from "../../../parts";
import { priceOf, Rate } from "../../models/price";
import type { Provider } from "../health";

type Model = components["schemas"]["Model"];

const route = getRouteApi("/providers/$name");
const MOST = 200;

/** The models that a provider is known to serve. */
export function Models({ provider }: { provider: Provider }): ReactElement {
  const { q = "" } = route.useSearch();
  const navigate = route.useNavigate();
  const words = useDeferredValue(q);
  const models = useQuery({
    ...query("/api/models/details", {
      params: { query: { provider: provider.name, limit: MOST, ...(words && { query: words }) } },
    }),
    placeholderData: (before) => before,
  });
  const { data } = models;
  return (
    <div className="stack">
      <FilterBar>
        <SearchInput
          label={`Search the models of ${provider.name}`}
          value={q}
          onChange={(text) => navigate({ search: { tab: "models", q: text || undefined }, replace: true })}
        />
        {data && (
          <span className="soft small" role="status">
            {data.total > data.models.length
              ? `${data.models.length} of ${plural(data.total, "model")}`
              : plural(data.total, "model")}
          </span>
        )}
        <Link to="/models" search={{ provider: provider.name }}>
          Open in the catalogue
        </Link>
      </FilterBar>
      <Table
        caption={`Models of ${provider.name}`}
        columns={COLUMNS}
        rows={data?.models}
        rowKey={(model) => model.name}
        onOpen={(model) =>
          navigate({ to: "/models", search: { provider: provider.name, open: `${provider.name}/${model.name}` } })
        }
        error={models.error}
        onRetry={() => void models.refetch()}
        dense
        empty={
          q ? (
            <Empty
              title="No model is called that"
              icon="search"
              action={<Button onClick={() => navigate({ search: { tab: "models" } })}>Clear the search</Button>}
            />
          ) : (
            <Empty title="No model is known" icon="models">
              {provider.discovery.error
                ? `The provider was asked and gave no list: ${provider.discovery.error}.`
                : "Its list has not come yet. Calls can name any model all the same."}
            </Empty>
          )
        }
      />
    </div>
  );
}

const COLUMNS: Column<Model>[] = [
  { id: "name", head: "Model", names: true, cell: ({ name }) => <span className="mono">{name}</span> },
  {
    id: "mode",
    head: "For",
    cell: ({ mode }) => mode?.replaceAll("_", " ") ?? <span className="faint">–</span>,
    wideOnly: true,
  },
  { id: "context", head: "Context", align: "end", cell: ({ context_length }) => <Tokens value={context_length} /> },
  { id: "input", head: "Input / M", align: "end", cell: (model) => <Rate value={priceOf(model.price, "input")} /> },
  { id: "output", head: "Output / M", align: "end", cell: (model) => <Rate value={priceOf(model.price, "output")} /> },
];
