import { useQuery } from "@tanstack/react-query";
import { type ReactElement, useState } from "react";
import { api, call, type components, messageOf, query, useChange } from "../../api/client";
import { useMay } from "../../app/session";
import { count, money } from "../../lib/format";
import { Button, Card, ConfirmDialog, Empty, Icon, Money, Table, Time } from "../../parts";
import type { TabProps } from "./Page";
import { Pages } from "./Revisions";

type Window = components["schemas"]["LedgerWindow"];

const PAGE = 50;

/** What was spent, kept apart from the logs, and whether all of it adds up. */
export function Ledger(props: TabProps): ReactElement {
  return (
    <div className="stack">
      <Verify />
      <Windows />
      <Entries {...props} />
    </div>
  );
}

function Verify(): ReactElement {
  const verify = useChange(() => call(api.POST("/api/ledger/verify")), { showsError: true });
  const verdict = verify.data;
  return (
    <div className="row settings-verify">
      <Button icon="shield" busy={verify.isPending} onClick={() => verify.mutate(undefined)}>
        Verify the ledger
      </Button>
      <div role="status" className="small">
        {verify.error && <span className="status-bad">{messageOf(verify.error)}</span>}
        {!verdict && !verify.error && <span className="soft">Computes every sum anew from the entries.</span>}
        {verdict?.ok && (
          <span>
            <span className="status-ok">
              <Icon name="ok" />
            </span>{" "}
            {count(verdict.entries)} entries and {count(verdict.windows)} windows add up.
          </span>
        )}
        {verdict && !verdict.ok && (
          <div className="status-bad">
            <p>{count(verdict.found)} differences</p>
            <ul>
              {verdict.differences.slice(0, 20).map((one) => (
                <li key={`${one.at} ${one.of}`}>
                  {one.at}: {one.of} is booked as {one.booked}, and computed as {one.computed}
                </li>
              ))}
            </ul>
          </div>
        )}
      </div>
    </div>
  );
}

function amount(value: number, unit: Window["unit"]): string {
  return unit === "nano_usd" ? money(value / 1e9) : `${count(value)} ${unit.replace("_", " ")}`;
}

/** What a crash left granted and never settled. Nothing where there is none. */
function Windows(): ReactElement | null {
  const windows = useQuery(query("/api/ledger/windows"));
  const [chosen, setChosen] = useState<Window>();
  const { why } = useMay("admin");
  const writeOff = useChange(
    ({ quota, window }: Window) => call(api.POST("/api/ledger/write-off", { body: { quota, window } })),
    { refreshes: ["/api/ledger", "/api/governance"], says: "Written off", showsError: true },
  );
  const open = windows.data?.windows.filter((one) => one.unaccounted > 0) ?? [];
  if (open.length === 0) return null;
  return (
    <Card
      title="Left by a crash"
      about="Granted to a gateway that crashed and never settled. It counts as spent until the window ends."
      flush
    >
      <Table
        caption="Windows with amounts that are not accounted for"
        dense
        rows={open}
        rowKey={(one) => `${one.quota} ${one.window}`}
        columns={[
          { id: "quota", head: "Quota", cell: (one) => <span className="mono wrap-anywhere">{one.quota}</span> },
          {
            id: "settled",
            head: "Settled",
            align: "end",
            wideOnly: true,
            cell: (one) => amount(one.settled, one.unit),
          },
          {
            id: "unaccounted",
            head: "Not accounted for",
            align: "end",
            cell: (one) => amount(one.unaccounted, one.unit),
          },
          {
            id: "ends",
            head: "Window ends",
            align: "end",
            wideOnly: true,
            cell: (one) => <Time value={one.ends_at} />,
          },
          {
            id: "do",
            head: <span className="sr-only">Actions</span>,
            align: "end",
            cell: (one) => (
              <Button size="small" disabledBecause={why} onClick={() => setChosen(one)}>
                Write off
              </Button>
            ),
          },
        ]}
      />
      {chosen && (
        <ConfirmDialog
          open
          onClose={() => setChosen(undefined)}
          title="Write this off?"
          action="Write off"
          onConfirm={() => writeOff.mutateAsync(chosen)}
        >
          {amount(chosen.unaccounted, chosen.unit)} of {chosen.quota} can be spent again. Do this where the provider did
          not charge for the calls that the crash cut off.
        </ConfirmDialog>
      )}
    </Card>
  );
}

function Entries({ search, set }: TabProps): ReactElement {
  const asked = { limit: PAGE, ...(search.before ? { after: search.before } : {}) };
  const list = useQuery(query("/api/ledger", { params: { query: asked } }));
  const { may } = useMay("admin");
  return (
    <Card
      title="Entries"
      about="One for each call that was charged, newest first. Entries are never changed."
      flush
      actions={
        may && (
          <>
            <a className="button button-small" href="/api/ledger/export?format=csv" download="ledger.csv">
              <Icon name="download" /> CSV
            </a>
            <a className="button button-small" href="/api/ledger/export?format=jsonl" download="ledger.jsonl">
              <Icon name="download" /> JSON lines
            </a>
          </>
        )
      }
    >
      <Table
        caption="Entries of the ledger"
        dense
        rows={list.data?.entries}
        error={list.error}
        onRetry={() => list.refetch()}
        rowKey={(entry) => entry.id}
        empty={<Empty title="Nothing was charged yet" icon="table" />}
        columns={[
          { id: "at", head: "When", cell: (entry) => <Time value={entry.at} /> },
          {
            id: "model",
            head: "Model",
            names: true,
            cell: (entry) => entry.legs.map((leg) => `${leg.provider}/${leg.model}`).join(", ") || entry.operation,
          },
          { id: "key", head: "Virtual key", wideOnly: true, cell: (entry) => entry.virtual_key_id ?? "–" },
          {
            id: "priced",
            head: "Priced by",
            wideOnly: true,
            cell: (entry) => [...new Set(entry.legs.map((leg) => leg.priced_by))].join(", "),
          },
          { id: "charges", head: "Quotas", align: "end", wideOnly: true, cell: (entry) => count(entry.charges.length) },
          { id: "total", head: "Cost", align: "end", cell: (entry) => <Money value={entry.total} /> },
        ]}
      />
      <Pages before={search.before} next={list.data?.next} set={set} />
    </Card>
  );
}
