import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { type components, query } from "../../api/client";
import { plural } from "../../lib/format";
import { Card, type Column, Status, Table } from "../../parts";
import { BudgetMeter } from "../../parts/limits";
import { statusOf } from "../keys/types";

type VirtualKey = components["schemas"]["VirtualKey"];

const MOST = 10;

/** The keys of a team or a customer that spent most of their budgets, and a way to all of them. */
export function KeysOf({ of }: { of: { team: string } | { customer: string } }): ReactElement {
  const asked = "team" in of ? { team_id: of.team } : { customer_id: of.customer };
  const keys = useQuery(
    query("/api/governance/virtual-keys", {
      params: { query: { ...asked, limit: MOST, sort_by: "budget_spent", order: "desc" } },
    }),
  );
  const total = keys.data?.total_count ?? 0;
  return (
    <Card
      title="Virtual keys"
      flush
      actions={
        <>
          {total > 0 && (
            <Link to="/keys" search={of}>
              {total > MOST ? `All ${plural(total, "key")}` : "Open in the list"}
            </Link>
          )}
          <Link to="/keys" search={{ ...of, add: true }}>
            New key
          </Link>
        </>
      }
    >
      <Table
        caption="Virtual keys"
        dense
        columns={COLUMNS}
        rows={keys.data?.virtual_keys}
        rowKey={(key) => key.id}
        error={keys.error}
        onRetry={() => void keys.refetch()}
        skeletonRows={2}
        empty={<p className="soft small teams-none">No key belongs to it yet.</p>}
      />
    </Card>
  );
}

const COLUMNS: Column<VirtualKey>[] = [
  {
    id: "name",
    head: "Name",
    names: true,
    cell: (key) => (
      <Link to="/keys" search={{ open: key.id }}>
        {key.name}
      </Link>
    ),
  },
  {
    id: "budget",
    head: "Budget",
    cell: (key) =>
      key.budget ? <BudgetMeter budget={key.budget} of={key.name} /> : <span className="faint">no budget</span>,
  },
  {
    id: "status",
    head: "Status",
    cell: (key) => {
      const { tone, word } = statusOf(key);
      return <Status tone={tone}>{word}</Status>;
    },
  },
];
