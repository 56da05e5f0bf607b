// An open row at the side of the list, with the ones before and after it at hand.

import { type ReactElement, useEffect } from "react";
import { CopyButton, IconButton, Loading, Problem, Sheet } from "../../../parts";
import type { Names } from "../names";
import type { LogRow } from "../types";
import { About, Title } from "./Head";
import { Row } from "./Row";
import { useRow } from "./useRow";

interface RowSheetProps {
  id: string;
  /** The rows of the list. */
  rows: readonly LogRow[];
  onOpen: (row: LogRow) => void;
  onClose: () => void;
  names: Names;
}

export function RowSheet({ id, rows, onOpen, onClose, names }: RowSheetProps): ReactElement {
  const { data, error, refetch } = useRow(id);
  const at = rows.findIndex((row) => row.id === id);
  const before = at > 0 ? rows[at - 1] : undefined;
  const after = at >= 0 ? rows[at + 1] : undefined;
  useSteps(before && (() => onOpen(before)), after && (() => onOpen(after)));
  const shown = data ?? rows[at];
  return (
    <Sheet
      open
      wide
      onClose={onClose}
      title={shown ? <Title row={shown} /> : "Log entry"}
      about={shown && <About row={shown} />}
      tools={
        <span className="logs-tools">
          <IconButton
            icon="up"
            size="small"
            label="Row above (k)"
            disabled={!before}
            onClick={() => before && onOpen(before)}
          />
          <IconButton
            icon="down"
            size="small"
            label="Row below (j)"
            disabled={!after}
            onClick={() => after && onOpen(after)}
          />
          <CopyButton text={window.location.href} label="Copy a link to this row" />
        </span>
      }
    >
      {data ? (
        <Row key={id} row={data} names={names} />
      ) : error ? (
        <Problem error={error} title="This row could not be loaded" onRetry={() => void refetch()} />
      ) : (
        <Loading label="Loading the row" lines={8} />
      )}
    </Sheet>
  );
}

/** j and k go from row to row while one is open; not in a field. */
function useSteps(up: (() => void) | undefined, down: (() => void) | undefined): void {
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if (event.metaKey || event.ctrlKey || event.altKey) return;
      if (event.target instanceof Element && event.target.closest("input, textarea, select, [role=tab]")) return;
      if (event.key === "k") up?.();
      if (event.key === "j") down?.();
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [up, down]);
}
