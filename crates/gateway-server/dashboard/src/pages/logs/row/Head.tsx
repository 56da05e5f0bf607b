// What a row is called, and what its caller can quote.

import type { ReactElement } from "react";
import { CopyButton, Time } from "../../../parts";
import { Model, Outcome } from "../columns";
import type { LogRow } from "../types";

export function Title({ row }: { row: LogRow }): ReactElement {
  return (
    <span className="logs-title">
      <Outcome row={row} />
      <Model row={row} />
    </span>
  );
}

export function About({ row }: { row: LogRow }): ReactElement {
  return (
    <span className="logs-about">
      <Time value={row.timestamp} />
      <span>
        Request id <code>{row.id}</code>
        <CopyButton text={row.id} label="Copy the request id" />
      </span>
    </span>
  );
}
