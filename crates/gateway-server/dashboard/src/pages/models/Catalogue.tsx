import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type ReactElement, useDeferredValue } from "react";
import { type components, query } from "../../api/client";
import { count, plural } from "../../lib/format";
import {
  Badge,
  Button,
  type Column,
  Empty,
  FilterBar,
  Pager,
  SearchInput,
  Segments,
  Select,
  Table,
  Tokens,
} from "../../parts";
import { ability } from "./ability";
import { priceOf, Rate, sourceOf } from "./price";
import type { ModelsSearch } from "./search";

type Model = components["schemas"]["Model"];
type Facets = components["schemas"]["Facets"];

const route = getRouteApi("/models");
const PAGE = 50;

/** Every model with its limits, abilities and prices: searched, narrowed and sorted by the server. */
export function Catalogue(): ReactElement {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  // Whatever narrows or sorts begins at the first page again.
  const set = (change: Partial<ModelsSearch>) =>
    navigate({ search: (now) => ({ ...now, from: undefined, ...change }), replace: true });
  const asked = useDeferredValue(search);
  const from = asked.from ?? 0;
  const models = useQuery({
    ...query("/api/models/details", { params: { query: parameters(asked) } }),
    placeholderData: (before) => before,
  });
  const { data } = models;
  const to = from + (data?.models.length ?? 0);
  const narrowed = search.q || search.provider || search.capability || search.mode || search.hosting;
  return (
    <div className="stack">
      <Filters search={search} set={set} facets={data?.facets} />
      <Table
        caption="Models"
        columns={COLUMNS}
        rows={data?.models}
        rowKey={(model) => `${model.provider}/${model.name}`}
        rowTone={(model) => (model.configured && !model.reachable ? "muted" : undefined)}
        openKey={search.open}
        onOpen={(model) => navigate({ search: (now) => ({ ...now, open: `${model.provider}/${model.name}` }) })}
        sort={{ by: search.sort ?? "name", descending: search.order === "desc" }}
        onSort={({ by, descending }) =>
          set({ sort: by as NonNullable<ModelsSearch["sort"]>, order: descending ? "desc" : "asc" })
        }
        error={models.error}
        onRetry={() => void models.refetch()}
        dense
        skeletonRows={12}
        empty={
          <Empty
            title={narrowed ? "No model fits" : "No model is known yet"}
            icon="models"
            action={
              <span className="row">
                {narrowed && <Button onClick={() => set(CLEAR)}>Clear filters</Button>}
                {search.scope !== "all" && (
                  <Button onClick={() => set({ scope: "all" })}>Show the whole catalogue</Button>
                )}
              </span>
            }
          >
            {narrowed && search.scope !== "all"
              ? "Only a part of the catalogue is searched."
              : !narrowed && (
                  <>
                    <Link to="/providers">Add a provider</Link>, and its models are here.
                  </>
                )}
          </Empty>
        }
      />
      {data && data.total > PAGE && (
        <Pager
          shown={`${count(from + 1)}–${count(to)} of ${plural(data.total, "model")}`}
          labels={{ newer: "Previous", older: "Next" }}
          onNewer={from > 0 ? () => set({ from: Math.max(0, from - PAGE) || undefined }) : undefined}
          onOlder={to < data.total ? () => set({ from: from + PAGE }) : undefined}
        />
      )}
    </div>
  );
}

const CLEAR = { q: undefined, provider: undefined, capability: undefined, mode: undefined, hosting: undefined };

function parameters(asked: ModelsSearch) {
  return {
    limit: PAGE,
    offset: asked.from ?? 0,
    sort_by: asked.sort ?? "name",
    order: asked.order ?? "asc",
    ...(asked.q && { query: asked.q }),
    ...(asked.provider && { provider: asked.provider }),
    ...(asked.capability && { capability: asked.capability }),
    ...(asked.mode && { mode: asked.mode }),
    ...(asked.hosting && { self_hosted: asked.hosting === "self-hosted" }),
    ...(asked.scope === "all" ? { all: true } : asked.scope !== "configured" && { reachable: true }),
  } as const;
}

interface FiltersProps {
  search: ModelsSearch;
  set: (change: Partial<ModelsSearch>) => void;
  facets: Facets | undefined;
}

function Filters({ search, set, facets }: FiltersProps) {
  const narrowed = Object.keys(CLEAR).some((name) => search[name as keyof typeof CLEAR]);
  return (
    <FilterBar onClear={narrowed ? () => set(CLEAR) : undefined}>
      <SearchInput label="Search models" value={search.q ?? ""} onChange={(q) => set({ q: q || undefined })} />
      <Select
        aria-label="Provider"
        value={search.provider ?? ""}
        onChange={(provider) => set({ provider: provider || undefined })}
        options={options("Every provider", facets?.providers, search.provider)}
      />
      <Select
        aria-label="Ability"
        value={search.capability ?? ""}
        onChange={(capability) => set({ capability: capability || undefined })}
        options={options("Any ability", facets?.capabilities, search.capability, ability)}
      />
      <Select
        aria-label="What for"
        value={search.mode ?? ""}
        onChange={(mode) => set({ mode: mode || undefined })}
        options={options("For anything", facets?.modes, search.mode, (mode) => mode.replaceAll("_", " "))}
      />
      <Segments
        label="Where it runs"
        value={search.hosting ?? "any"}
        onChange={(hosting) => set({ hosting: hosting === "any" ? undefined : hosting })}
        options={[
          { value: "any", label: "All" },
          { value: "self-hosted", label: "Self-hosted" },
          { value: "cloud", label: "Cloud" },
        ]}
      />
      <Select
        aria-label="Which of them"
        value={search.scope ?? "reachable"}
        onChange={(scope) => set({ scope: scope === "reachable" ? undefined : scope })}
        options={[
          { value: "reachable", label: "That can be called" },
          { value: "configured", label: "Of all providers here" },
          { value: "all", label: "Whole catalogue" },
        ]}
      />
    </FilterBar>
  );
}

function options(
  any: string,
  facet: Record<string, number> | undefined,
  chosen: string | undefined,
  write: (value: string) => string = (value) => value,
) {
  const known = Object.entries(facet ?? {}).map(([value, models]) => ({
    value,
    label: `${write(value)} (${count(models)})`,
  }));
  // What the address names stays chosen, known or not.
  const missing =
    chosen && !known.some(({ value }) => value === chosen) ? [{ value: chosen, label: write(chosen) }] : [];
  return [{ value: "", label: any }, ...missing, ...known];
}

/** The abilities that stand in the table; the open model has all. */
const MARKS = ["tools", "reasoning", "image_in", "audio_in", "pdf_in"];

const COLUMNS: Column<Model>[] = [
  {
    id: "name",
    head: "Model",
    names: true,
    sorts: true,
    cell: ({ name, mode }) => (
      <div className="models-name">
        <span className="mono">{name}</span>
        {mode && mode !== "chat" && <span className="models-under">{mode.replaceAll("_", " ")}</span>}
      </div>
    ),
  },
  {
    id: "provider",
    head: "Provider",
    sorts: true,
    cell: (model) => {
      const others = model.served_by.filter((provider) => provider !== model.provider);
      return (
        <div>
          {model.configured ? (
            <Link to="/providers/$name" params={{ name: model.provider }}>
              {model.provider}
            </Link>
          ) : (
            <span className="soft">{model.provider}</span>
          )}
          <span className="models-under nowrap">
            {!model.configured && "not served here"}
            {model.configured && !model.reachable && "cannot be reached now"}
            {model.reachable && model.self_hosted && "self-hosted"}
            {others.length > 0 && ` also at ${others.join(", ")}`}
          </span>
        </div>
      );
    },
  },
  {
    id: "context",
    head: "Context",
    align: "end",
    sorts: true,
    cell: ({ context_length }) => <Tokens value={context_length} />,
  },
  {
    id: "max_output",
    head: "Max output",
    align: "end",
    sorts: true,
    wideOnly: true,
    cell: ({ max_output_tokens }) => <Tokens value={max_output_tokens} />,
  },
  {
    id: "input",
    head: "Input",
    align: "end",
    sorts: true,
    cell: ({ price }) => <Rate value={priceOf(price, "input")} />,
  },
  {
    id: "output",
    head: "Output",
    align: "end",
    sorts: true,
    cell: ({ price }) => <Rate value={priceOf(price, "output")} />,
  },
  {
    id: "cached",
    head: "Cached",
    align: "end",
    wideOnly: true,
    cell: ({ price }) => <Rate value={priceOf(price, "cache_read")} />,
  },
  {
    id: "can",
    head: "Can",
    wideOnly: true,
    cell: ({ capabilities, price }) => (
      <span className="models-marks">
        {MARKS.filter((mark) => capabilities.includes(mark)).map((mark) => (
          <Badge key={mark}>{ability(mark)}</Badge>
        ))}
        {typeof price.priced_by === "object" && <Badge tone="info">{sourceOf(price)}</Badge>}
      </span>
    ),
  },
];
