import type { ReactElement } from "react";
import { count } from "../lib/format";
import { Pager } from "./Table";

export interface PagesProps {
  /** From 0. */
  page: number;
  /** How many rows a page has. */
  size: number;
  /** How many there are in all, once that is known. */
  total: number | undefined;
  onPage: (page: number) => void;
}

/** Which page of a list is shown; nothing where there is but one. */
export function Pages({ page, size, total, onPage }: PagesProps): ReactElement | null {
  if (total === undefined || (total <= size && page === 0)) return null;
  const last = Math.min(total, (page + 1) * size);
  return (
    <Pager
      shown={`${count(Math.min(total, page * size + 1))}–${count(last)} of ${count(total)}`}
      labels={{ newer: "Previous", older: "Next" }}
      onNewer={page > 0 ? () => onPage(page - 1) : undefined}
      onOlder={last < total ? () => onPage(page + 1) : undefined}
    />
  );
}
