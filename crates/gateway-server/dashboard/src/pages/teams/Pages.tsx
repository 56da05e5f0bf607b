import type { ReactElement } from "react";
import { count } from "../../lib/format";
import { Pager } from "../../parts";
import { PAGE } from "./useParties";

export interface PagesProps {
  page: number;
  total: number | undefined;
  onPage: (page: number) => void;
}

/** Which page of a list is shown; nothing where there is but one. */
export function Pages({ page, total, onPage }: PagesProps): ReactElement | null {
  if (total === undefined || (total <= PAGE && page === 0)) return null;
  const last = Math.min(total, (page + 1) * PAGE);
  return (
    <Pager
      shown={`${count(Math.min(total, page * PAGE + 1))}–${count(last)} of ${count(total)}`}
      labels={{ newer: "Previous", older: "Next" }}
      onNewer={page > 0 ? () => onPage(page - 1) : undefined}
      onOlder={last < total ? () => onPage(page + 1) : undefined}
    />
  );
}
