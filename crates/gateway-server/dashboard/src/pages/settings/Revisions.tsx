import { useQuery } from "@tanstack/react-query";
import { type ReactElement, useState } from "react";
import { api, call, type components, query, useChange } from "../../api/client";
import { useMay } from "../../app/session";
import { plural } from "../../lib/format";
import { Badge, Button, Card, ConfirmDialog, Empty, Loading, Problem, Sheet, Table, Time } from "../../parts";
import { Difference, sectionName } from "./Difference";
import type { TabProps } from "./Page";

type Name = components["schemas"]["EditName"];

const PAGE = 30;
const EVERYTHING = ["/api/"];

/** What was changed in the settings, and the way back. */
export function Revisions({ search, set }: TabProps): ReactElement {
  const asked = { limit: PAGE, ...(search.before ? { before: search.before } : {}) };
  const list = useQuery(query("/api/config/revisions", { params: { query: asked } }));
  const admin = useMay("admin");
  const newest = search.before === undefined ? list.data?.revisions[0]?.revision : undefined;
  return (
    <Card title="Revisions" about="Every change of the settings, by whom, and the way back to any of them." flush>
      <Table
        caption="Revisions of the settings"
        rows={list.data?.revisions}
        error={list.error}
        onRetry={() => list.refetch()}
        rowKey={(one) => String(one.revision)}
        openKey={search.revision === undefined ? undefined : String(search.revision)}
        {...(admin.may ? { onOpen: (one: { revision: number }) => set({ revision: one.revision }) } : {})}
        empty={<Empty title="Nothing was changed yet" icon="history" />}
        columns={[
          {
            id: "revision",
            head: "Revision",
            width: "9rem",
            cell: (one) => (
              <>
                {one.revision} {one.revision === newest && <Badge tone="ok">now</Badge>}
              </>
            ),
          },
          { id: "what", head: "What changed", names: true, cell: (one) => told(one.edits) },
          { id: "author", head: "By", wideOnly: true, cell: (one) => <span className="mono">{one.author}</span> },
          { id: "when", head: "When", align: "end", cell: (one) => <Time value={one.timestamp} /> },
        ]}
      />
      <Pages before={search.before} next={list.data?.next} set={set} />
      {search.revision !== undefined && admin.may && (
        <Revision number={search.revision} onClose={() => set({ revision: undefined })} />
      )}
    </Card>
  );
}

/** Older and back to the newest, for lists that are read from the end. */
export function Pages({
  before,
  next,
  set,
}: {
  before: number | undefined;
  next: number | null | undefined;
  set: TabProps["set"];
}): ReactElement | null {
  if (before === undefined && !next) return null;
  return (
    <div className="row settings-pages">
      <Button size="small" disabled={before === undefined} onClick={() => set({ before: undefined })}>
        Newest
      </Button>
      <Button size="small" disabled={!next} onClick={() => set({ before: next ?? undefined })}>
        Older
      </Button>
    </div>
  );
}

function told(edits: readonly Name[]): string {
  const words = { created: "added", changed: "changed", deleted: "removed" };
  const [first] = edits;
  if (!first) return "nothing";
  const one = `${sectionName(first.section)} ${first.name} ${words[first.change]}`;
  return edits.length > 1 ? `${one} and ${plural(edits.length - 1, "more document")}` : one;
}

function Revision({ number, onClose }: { number: number; onClose: () => void }): ReactElement {
  const [back, setBack] = useState(false);
  const { data, error, refetch } = useQuery(
    query("/api/config/revisions/{number}", { params: { path: { number: String(number) } } }),
  );
  const config = useQuery(query("/api/config"));
  const isNow = config.data?.revision === number;
  return (
    <Sheet
      open
      wide
      onClose={onClose}
      title={`Revision ${number}`}
      about={
        data && (
          <>
            By {data.author}, <Time value={data.timestamp} />
          </>
        )
      }
      actions={
        <Button
          icon="history"
          onClick={() => setBack(true)}
          disabledBecause={isNow ? "These are the settings that hold now." : undefined}
        >
          Go back to this revision
        </Button>
      }
    >
      {data ? (
        <Difference edits={data.edits} />
      ) : error ? (
        <Problem error={error} onRetry={() => refetch()} />
      ) : (
        <Loading lines={6} />
      )}
      {back && <GoBack number={number} onClose={() => setBack(false)} />}
    </Sheet>
  );
}

/** Shows what would change before it does. */
function GoBack({ number, onClose }: { number: number; onClose: () => void }): ReactElement {
  const path = { number: String(number) };
  const preview = useQuery({
    queryKey: ["/api/config/revisions/{number}/rollback", number],
    queryFn: () =>
      call(api.POST("/api/config/revisions/{number}/rollback", { params: { path, query: { dry_run: true } } })),
    retry: false,
    staleTime: 0,
  });
  const restore = useChange(() => call(api.POST("/api/config/revisions/{number}/rollback", { params: { path } })), {
    refreshes: EVERYTHING,
    says: `The settings are as they were at revision ${number}`,
    showsError: true,
  });
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={`Go back to revision ${number}?`}
      action="Go back"
      onConfirm={() => restore.mutateAsync(undefined)}
    >
      <div className="stack">
        <p>
          Everything that was changed since is undone, as one new revision. Values of keys, and secrets, are again what
          they were then.
        </p>
        {preview.data ? (
          <Difference edits={preview.data.edits} />
        ) : preview.error ? (
          <Problem error={preview.error} title="This cannot be done" />
        ) : (
          <Loading lines={4} />
        )}
      </div>
    </ConfirmDialog>
  );
}
