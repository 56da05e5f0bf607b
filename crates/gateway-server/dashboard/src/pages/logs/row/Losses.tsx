// What the translation between two APIs did to fields that have no counterpart.

import type { ReactElement } from "react";
import { Badge, type Column, Table } from "../../../parts";
import type { Loss } from "../types";

export function Losses({ losses }: { losses: readonly Loss[] }): ReactElement {
  return (
    <div className="stack-tight">
      <p className="small soft">
        The caller's API and the provider's are not the same. What has no exact counterpart is listed here; callers who
        want an error instead send <code>x-gateway-strict: true</code>.
      </p>
      <Table
        caption="Loss report"
        columns={COLUMNS}
        rows={losses}
        rowKey={(loss) => `${loss.field} ${loss.note}`}
        dense
      />
    </div>
  );
}

const FATES = {
  mapped: { tone: "info", words: "said otherwise" },
  emulated: { tone: "muted", words: "imitated" },
  dropped: { tone: "warn", words: "left out" },
} as const;

const COLUMNS: Column<Loss>[] = [
  { id: "field", head: "Field", cell: (loss) => <code>{loss.field}</code> },
  {
    id: "fate",
    head: "What became of it",
    cell: (loss) => <Badge tone={FATES[loss.fate].tone}>{FATES[loss.fate].words}</Badge>,
  },
  { id: "note", head: "Why", cell: (loss) => loss.note },
];
