import { useQuery } from "@tanstack/react-query";
import type { ReactElement } from "react";
import { api, call, type components, messageOf, query, useChange } from "../../api/client";
import { count } from "../../lib/format";
import {
  Button,
  Card,
  Empty,
  FilterBar,
  Icon,
  JsonView,
  KeyValue,
  SearchInput,
  Sheet,
  Table,
  TextInput,
  Time,
} from "../../parts";
import type { TabProps } from "./Page";
import { Pages } from "./Revisions";

type Entry = components["schemas"]["AuditRecord"];

const PAGE = 50;

/** Who did what to what, and whether the log is what was written. */
export function Audit({ search, set }: TabProps): ReactElement {
  const { actor, action, target, before, record } = search;
  const asked = {
    limit: PAGE,
    ...(actor ? { actor } : {}),
    ...(action ? { action } : {}),
    ...(target ? { target } : {}),
    ...(before ? { before } : {}),
  };
  const list = useQuery({ ...query("/api/audit-logs", { params: { query: asked } }), placeholderData: (old) => old });
  const open = list.data?.audit_logs.find((entry) => entry.seq === record);
  const filter = (change: Parameters<TabProps["set"]>[0]) => set({ ...change, before: undefined, record: undefined });
  const filtered = Boolean(actor || action || target);
  return (
    <div className="stack">
      <Verify />
      <FilterBar
        {...(filtered ? { onClear: () => filter({ actor: undefined, action: undefined, target: undefined }) } : {})}
      >
        <SearchInput
          label="Target: provider/openai, user/"
          value={target ?? ""}
          onChange={(text) => filter({ target: text || undefined })}
        />
        <TextInput
          className="settings-filter"
          aria-label="Action"
          placeholder="Action: provider.update, ledger."
          value={action ?? ""}
          onChange={(text) => filter({ action: text || undefined })}
        />
        <TextInput
          className="settings-filter"
          aria-label="Actor"
          placeholder="Actor: user:anna"
          value={actor ?? ""}
          onChange={(text) => filter({ actor: text || undefined })}
        />
      </FilterBar>
      <Card flush>
        <Table
          caption="Audit log"
          dense
          rows={list.data?.audit_logs}
          error={list.error}
          onRetry={() => list.refetch()}
          rowKey={(entry) => String(entry.seq)}
          onOpen={(entry) => set({ record: entry.seq })}
          openKey={record === undefined ? undefined : String(record)}
          empty={
            <Empty title={filtered ? "Nothing fits these filters" : "Nothing was done yet"} icon="history">
              {filtered &&
                "Actions and targets are taken whole; one that ends in a dot or a slash takes all that begin so."}
            </Empty>
          }
          columns={[
            {
              id: "seq",
              head: "No.",
              align: "end",
              width: "4.5rem",
              wideOnly: true,
              cell: (entry) => count(entry.seq),
            },
            {
              id: "action",
              head: "Action",
              names: true,
              cell: (entry) => <span className="mono">{entry.action}</span>,
            },
            {
              id: "target",
              head: "Target",
              cell: (entry) => <span className="mono wrap-anywhere">{entry.target}</span>,
            },
            {
              id: "changed",
              head: "Changed",
              wideOnly: true,
              cell: (entry) => <span className="soft small">{changed(entry)}</span>,
            },
            { id: "actor", head: "By", wideOnly: true, cell: (entry) => <span className="mono">{entry.actor}</span> },
            { id: "at", head: "When", align: "end", cell: (entry) => <Time value={entry.at} /> },
          ]}
        />
        <Pages before={before} next={list.data?.next} set={set} />
      </Card>
      {open && <Details of={open} onClose={() => set({ record: undefined })} />}
    </div>
  );
}

function changed({ changed: fields }: Entry): string {
  return fields.length > 3 ? `${fields.slice(0, 3).join(", ")} and ${fields.length - 3} more` : fields.join(", ");
}

function Details({ of, onClose }: { of: Entry; onClose: () => void }): ReactElement {
  return (
    <Sheet open wide onClose={onClose} title={of.action} about={<span className="mono">{of.target}</span>}>
      <div className="stack">
        <KeyValue
          columns={2}
          items={[
            ["Number", of.seq],
            ["When", <Time key="at" value={of.at} />],
            ["By", of.actor],
            ["Revision", of.revision],
            ["Changed", of.changed.join(", ")],
            [
              "Hash",
              <span key="hash" className="mono wrap-anywhere small">
                {of.hash}
              </span>,
            ],
          ]}
        />
        {of.before !== null && of.before !== undefined && (
          <section>
            <h3>Before</h3>
            <JsonView value={of.before} />
          </section>
        )}
        {of.after !== null && of.after !== undefined && (
          <section>
            <h3>After</h3>
            <JsonView value={of.after} />
          </section>
        )}
      </div>
    </Sheet>
  );
}

/** Computes every hash anew when asked. */
function Verify(): ReactElement {
  const verify = useChange(() => call(api.POST("/api/audit-logs/verify")), { showsError: true });
  const verdict = verify.data;
  return (
    <div className="row settings-verify">
      <Button icon="shield" busy={verify.isPending} onClick={() => verify.mutate(undefined)}>
        Verify the log
      </Button>
      <div role="status" className="small">
        {verify.error && <span className="status-bad">{messageOf(verify.error)}</span>}
        {verdict?.ok && (
          <span>
            <span className="status-ok">
              <Icon name="ok" />
            </span>{" "}
            All {count(verdict.records)} records are what was written. Head{" "}
            <code className="wrap-anywhere">{verdict.head.slice(0, 16)}…</code>
          </span>
        )}
        {verdict && !verdict.ok && (
          <div className="status-bad">
            <p>
              {count(verdict.found)} faults in {count(verdict.records)} records
            </p>
            <ul>
              {verdict.faults.slice(0, 20).map((fault) => (
                <li key={fault}>{fault}</li>
              ))}
            </ul>
          </div>
        )}
        {!verdict && !verify.error && (
          <span className="soft">Each record holds the hash of itself and all before it.</span>
        )}
      </div>
    </div>
  );
}
