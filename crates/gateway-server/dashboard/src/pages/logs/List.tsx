// The log: filters, figures, rows as they come, pages.

import { getRouteApi, useParams } from "@tanstack/react-router";
import { type ReactElement, useCallback, useEffect, useRef, useState } from "react";
import type { LiveState } from "../../api/live";
import { clock, plural } from "../../lib/format";
import { Button, Checkbox, Empty, PageHeader, Pager, Popover, Status, Table } from "../../parts";
import { COLUMNS, columnsOf, USUAL } from "./columns";
import { Filters } from "./Filters";
import { apiFilters, cleared } from "./filters";
import { useNames } from "./names";
import { RowSheet } from "./row/RowSheet";
import { type Rows, useRows } from "./rows";
import { Summary } from "./Summary";
import type { LogsSearch } from "./search";
import type { LogRow } from "./types";

const route = getRouteApi("/logs");

export function List(): ReactElement {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { id } = useParams({ strict: false });
  const names = useNames();
  useFocusAfter(id);
  const [paused, setPaused] = useState(false);
  const { scrolled, above } = useScrolled();
  const held = paused || scrolled || id !== undefined;
  const rows = useRows(search, held);

  /** A change of what is looked for begins at the first page. */
  const set = useCallback(
    (change: Partial<LogsSearch>) =>
      void navigate({
        search: (now) => ({ ...now, cursor: undefined, ...change }),
        replace: true,
        resetScroll: false,
      }),
    [navigate],
  );
  const open = useCallback(
    (row: Pick<LogRow, "id">) =>
      void navigate({ to: "/logs/$id", params: { id: row.id }, search: (now) => now, resetScroll: false }),
    [navigate],
  );
  const close = useCallback(() => {
    void navigate({ to: "/logs", search: ({ view: _, ...now }) => now, resetScroll: false });
  }, [navigate]);
  const turn = (cursor: string | null | undefined) =>
    cursor ? () => void navigate({ search: (now) => ({ ...now, cursor }) }) : undefined;

  const { page } = rows;
  const sort = search.sort ?? "timestamp";
  return (
    <div className="stack">
      <PageHeader
        title="Logs"
        about="Every request, newest first: who answered, how long it took, what it cost."
        actions={
          <>
            <Live state={rows.live} held={held} missed={rows.missed} />
            {rows.live && (
              <Button
                size="small"
                icon={paused ? "play" : "pause"}
                aria-pressed={paused}
                onClick={() => setPaused(!paused)}
              >
                {paused ? "Resume" : "Pause"}
              </Button>
            )}
            <Columns shown={search.columns} onChange={(columns) => set({ columns, cursor: search.cursor })} />
          </>
        }
      />
      <Filters search={search} set={set} names={names} />
      <Summary
        search={search}
        onZoom={(from, to) => set({ range: "custom", from: from.toISOString(), to: to.toISOString() })}
      />
      <div className="logs-rows" aria-busy={rows.changing}>
        <div ref={above} aria-hidden="true" />
        <Waiting rows={rows} onShow={() => above.current?.scrollIntoView({ block: "center" })} />
        <Table<LogRow>
          caption="Log of requests"
          columns={columnsOf(search.columns, names)}
          rows={rows.rows}
          rowKey={(row) => row.id}
          onOpen={open}
          openKey={id}
          rowTone={(row) => (row.status === "error" ? "bad" : rows.arrived.has(row.id) ? "new" : undefined)}
          sort={{ by: sort, descending: search.order !== "asc" }}
          onSort={({ by, descending }) =>
            set({
              sort: by === "timestamp" ? undefined : (by as LogsSearch["sort"]),
              order: descending ? undefined : "asc",
            })
          }
          error={rows.error}
          onRetry={rows.retry}
          empty={
            <Nothing search={search} rows={rows} onClear={() => set(cleared())} onWiden={() => set({ range: "30d" })} />
          }
          skeletonRows={14}
          dense
        />
      </div>
      {page?.searched_until && (
        <p className="logs-searched" role="status">
          Looked through rows back to {clock(new Date(page.searched_until), new Date())}, and stopped for now.
          {page.pagination.next_cursor && (
            <Button size="small" onClick={turn(page.pagination.next_cursor)}>
              Look further back
            </Button>
          )}
        </p>
      )}
      {page && (rows.rows?.length ?? 0) > 0 && (
        <Pager
          onNewer={turn(page.pagination.prev_cursor) ?? (search.cursor ? () => set({}) : undefined)}
          onOlder={turn(page.pagination.next_cursor)}
          shown={plural(rows.rows?.length ?? 0, "row")}
          labels={
            sort === "timestamp" && search.order !== "asc"
              ? { newer: "Newer", older: "Older" }
              : { newer: "Previous", older: "Next" }
          }
        />
      )}
      {id !== undefined && <RowSheet id={id} rows={rows.rows ?? []} onOpen={open} onClose={close} names={names} />}
    </div>
  );
}

/** The row that was open last has the focus once it is closed, wherever one has gone in between. */
function useFocusAfter(id: string | undefined): void {
  const last = useRef(id);
  useEffect(() => {
    const closed = id === undefined ? last.current : undefined;
    last.current = id;
    if (closed === undefined) return;
    // The sheet gives the focus back to where it was opened, in its own time.
    const timer = setTimeout(() => {
      document.querySelector<HTMLElement>(`tr[data-key="${CSS.escape(closed)}"]`)?.focus();
    });
    return () => clearTimeout(timer);
  }, [id]);
}

/** Whether the list's beginning is out of sight. */
function useScrolled() {
  const above = useRef<HTMLDivElement>(null);
  const [scrolled, setScrolled] = useState(false);
  useEffect(() => {
    if (!above.current) return;
    const watcher = new IntersectionObserver(([entry]) => {
      setScrolled(entry !== undefined && !entry.isIntersecting && entry.boundingClientRect.top < 0);
    });
    watcher.observe(above.current);
    return () => watcher.disconnect();
  }, []);
  return { scrolled, above };
}

function Live({ state, held, missed }: { state: LiveState | undefined; held: boolean; missed: number }) {
  return (
    <span className="logs-live" role="status">
      {missed > 0 && (
        <span className="soft small">{plural(missed, "row")} came too fast to follow; the list was loaded again</span>
      )}
      {state?.is === "open" && <Status tone={held ? "muted" : "ok"}>{held ? "Held" : "Live"}</Status>}
      {state?.is === "connecting" && <Status tone="muted">Connecting</Status>}
      {state?.is === "lost" && (
        <span title={state.why}>
          <Status tone="warn">Connecting again</Status>
        </span>
      )}
    </span>
  );
}

/** Rows that came while one was reading. */
function Waiting({ rows, onShow }: { rows: Rows; onShow: () => void }) {
  return (
    <div className="logs-waiting" role="status">
      {rows.waiting > 0 && (
        <Button
          kind="primary"
          size="small"
          icon="up"
          onClick={() => {
            rows.show();
            onShow();
          }}
        >
          {rows.waiting} new
        </Button>
      )}
    </div>
  );
}

function Columns({
  shown,
  onChange,
}: {
  shown: string[] | undefined;
  onChange: (columns: string[] | undefined) => void;
}) {
  const now = new Set(shown ?? USUAL);
  const toggle = (id: string, on: boolean) => {
    const next = COLUMNS.map((column) => column.id).filter((other) => (other === id ? on : now.has(other)));
    const usual = next.length === USUAL.length && next.every((one) => USUAL.includes(one));
    onChange(usual ? undefined : next);
  };
  return (
    <Popover
      label="Columns"
      align="end"
      trigger={
        <Button size="small" icon="columns">
          Columns
        </Button>
      }
    >
      <fieldset className="logs-choose">
        <legend className="sr-only">Columns that are shown</legend>
        {COLUMNS.filter(({ id }) => id !== "timestamp").map(({ id, label }) => (
          <Checkbox key={id} label={label} checked={now.has(id)} onChange={(on) => toggle(id, on)} />
        ))}
      </fieldset>
    </Popover>
  );
}

interface NothingProps {
  search: LogsSearch;
  rows: Rows;
  onClear: () => void;
  onWiden: () => void;
}

function Nothing({ search, rows, onClear, onWiden }: NothingProps) {
  if (rows.page && !rows.page.has_logs) {
    return (
      <Empty title="No requests yet" icon="logs">
        A row appears here as soon as the gateway has answered a call.
      </Empty>
    );
  }
  if (rows.page?.searched_until) return <Empty title="Nothing found so far" icon="search" />;
  if (Object.keys(apiFilters(search)).length > 0) {
    return (
      <Empty
        title="No request fits these filters"
        icon="filter"
        action={<Button onClick={onClear}>Clear filters</Button>}
      >
        Take some of them away, or look at a longer range.
      </Empty>
    );
  }
  return (
    <Empty title="No requests in this range" icon="clock" action={<Button onClick={onWiden}>Last 30 days</Button>}>
      There are older ones.
    </Empty>
  );
}
