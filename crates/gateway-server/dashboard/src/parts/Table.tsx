import clsx from "clsx";
import type { KeyboardEvent, MouseEvent, ReactElement, ReactNode } from "react";
import "./data.css";
import { Icon } from "./icons";
import { Empty, Problem } from "./states";

export interface Column<Row> {
  /** Its name in code and, where it sorts, in the address. */
  id: string;
  head: ReactNode;
  cell: (row: Row) => ReactNode;
  /** Numbers stand at the end. */
  align?: "start" | "end";
  /** Names the row for screen readers; the first column unless another says so. */
  names?: boolean;
  sorts?: boolean;
  /** CSS width; the rest is shared out. */
  width?: string;
  /** Left away on a phone. */
  wideOnly?: boolean;
}

export interface Sort {
  by: string;
  descending: boolean;
}

export interface TableProps<Row> {
  /** What it is, for screen readers. */
  caption: string;
  columns: readonly Column<Row>[];
  /** Undefined while they are loaded. */
  rows: readonly Row[] | undefined;
  rowKey: (row: Row) => string;
  /** Opens a row, by mouse or with Enter. Cells may still hold buttons and links of their own. */
  onOpen?: (row: Row) => void;
  /** The row that is open beside the table. */
  openKey?: string | undefined;
  /** Marks a row: a failed call, a disabled key. */
  rowTone?: (row: Row) => "bad" | "warn" | "muted" | "new" | undefined;
  sort?: Sort;
  onSort?: (sort: Sort) => void;
  /** What to show without rows. */
  empty?: ReactNode;
  error?: Error | null;
  onRetry?: () => void;
  /** How many rows to draw while loading. */
  skeletonRows?: number;
  /** Lower rows. */
  dense?: boolean;
  /** The tallest it may be; beyond that it scrolls under its head. */
  maxHeight?: string;
}

/** A table: its head stays, it scrolls sideways where it must, and it knows loading, nothing and failure. */
export function Table<Row>(props: TableProps<Row>): ReactElement {
  const { caption, columns, rows, error, onRetry, empty, dense, maxHeight, skeletonRows = 6 } = props;
  if (error && !rows) return <Problem error={error} onRetry={onRetry} />;
  if (rows?.length === 0) return <>{empty ?? <Empty title="Nothing here yet" />}</>;
  return (
    // It scrolls, so it must be reachable by keyboard.
    <div className="table-scroll" style={{ maxHeight }} role="group" aria-label={caption} tabIndex={0}>
      <table className={clsx("table", dense && "table-dense")} aria-busy={rows === undefined || undefined}>
        <caption className="sr-only">{caption}</caption>
        <thead>
          <tr>
            {columns.map((column) => (
              <Head key={column.id} column={column} sort={props.sort} onSort={props.onSort} />
            ))}
          </tr>
        </thead>
        <tbody>
          {rows
            ? rows.map((row) => <TableRow key={props.rowKey(row)} row={row} {...props} />)
            : Array.from({ length: skeletonRows }, (_, index) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: they are all the same
                <tr key={index}>
                  {columns.map((column) => (
                    <td
                      key={column.id}
                      className={clsx(column.align === "end" && "end", column.wideOnly && "wide-only")}
                    >
                      <span
                        className="skeleton"
                        style={{ width: `${40 + ((index * 17 + column.id.length * 11) % 45)}%` }}
                      />
                    </td>
                  ))}
                </tr>
              ))}
        </tbody>
      </table>
    </div>
  );
}

interface HeadProps<Row> {
  column: Column<Row>;
  sort: Sort | undefined;
  onSort: ((sort: Sort) => void) | undefined;
}

function Head<Row>({ column, sort, onSort }: HeadProps<Row>) {
  const sorted = sort?.by === column.id ? sort : undefined;
  const direction = sorted && (sorted.descending ? "descending" : "ascending");
  return (
    <th
      scope="col"
      className={clsx(column.align === "end" && "end", column.wideOnly && "wide-only")}
      style={{ width: column.width }}
      aria-sort={direction}
    >
      {column.sorts && onSort ? (
        <button
          type="button"
          className="table-sort"
          onClick={() => onSort({ by: column.id, descending: sorted ? !sorted.descending : column.align === "end" })}
        >
          {column.head}
          <Icon name={sorted ? (sorted.descending ? "down" : "up") : "sort"} size={12} />
        </button>
      ) : (
        column.head
      )}
    </th>
  );
}

function TableRow<Row>({ row, columns, rowKey, onOpen, openKey, rowTone }: TableProps<Row> & { row: Row }) {
  const key = rowKey(row);
  const tone = rowTone?.(row);
  const named = Math.max(
    0,
    columns.findIndex((column) => column.names),
  );
  const open = onOpen && {
    tabIndex: 0,
    onClick: (event: MouseEvent<HTMLElement>) => {
      if (!isOwnControl(event.target, event.currentTarget) && !hasSelection()) onOpen(row);
    },
    onKeyDown: (event: KeyboardEvent<HTMLElement>) => {
      if (event.target !== event.currentTarget) return;
      if (event.key === "Enter" || event.key === " ") {
        event.preventDefault();
        onOpen(row);
      }
      if (event.key === "ArrowDown" || event.key === "j") step(event, "nextElementSibling");
      if (event.key === "ArrowUp" || event.key === "k") step(event, "previousElementSibling");
    },
  };
  return (
    <tr
      {...open}
      className={clsx(tone && `row-${tone}`, onOpen && "row-opens")}
      aria-current={key === openKey ? "true" : undefined}
      data-key={key}
    >
      {columns.map((column, index) => {
        const Cell = index === named ? "th" : "td";
        return (
          <Cell
            key={column.id}
            scope={index === named ? "row" : undefined}
            className={clsx(column.align === "end" && "end", column.wideOnly && "wide-only")}
          >
            {column.cell(row)}
          </Cell>
        );
      })}
    </tr>
  );
}

/** Whether a press was meant for a control inside of the row. */
function isOwnControl(target: EventTarget, row: HTMLElement): boolean {
  if (!(target instanceof Element)) return false;
  // A menu that a row opened lies elsewhere in the document, but its presses come by here.
  if (!row.contains(target)) return true;
  return target.closest("a, button, input, select, textarea, label, [role=menuitem]") !== null;
}

function hasSelection(): boolean {
  return (window.getSelection()?.toString() ?? "") !== "";
}

function step(event: KeyboardEvent<HTMLElement>, to: "nextElementSibling" | "previousElementSibling"): void {
  const other = event.currentTarget[to];
  if (other instanceof HTMLElement) {
    event.preventDefault();
    other.focus();
  }
}

export interface PagerProps {
  /** Undefined where there is nothing that way. */
  onNewer?: (() => void) | undefined;
  onOlder?: (() => void) | undefined;
  /** What is shown: `1–50 of 1,204`. */
  shown?: ReactNode;
  labels?: { newer: string; older: string };
}

/** Pages by key: one forth, one back. */
export function Pager({
  onNewer,
  onOlder,
  shown,
  labels = { newer: "Newer", older: "Older" },
}: PagerProps): ReactElement {
  return (
    <nav className="pager" aria-label="Pages">
      <span className="soft small">{shown}</span>
      <button type="button" className="button button-small" disabled={!onNewer} onClick={onNewer}>
        <Icon name="left" size={14} />
        {labels.newer}
      </button>
      <button type="button" className="button button-small" disabled={!onOlder} onClick={onOlder}>
        {labels.older}
        <Icon name="right" size={14} />
      </button>
    </nav>
  );
}
