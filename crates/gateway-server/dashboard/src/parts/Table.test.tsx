import { act } from "react";
import { createRoot } from "react-dom/client";
import { expect, it, vi } from "vitest";
import { type Column, Table } from "./Table";

interface Row {
  id: string;
}

const rows: Row[] = [{ id: "one" }, { id: "two" }];
const pressed = vi.fn();
const columns: Column<Row>[] = [
  { id: "id", head: "Id", cell: (row) => row.id },
  {
    id: "do",
    head: "Do",
    cell: () => (
      <button type="button" onClick={pressed}>
        Do
      </button>
    ),
  },
];

function show(onOpen: (row: Row) => void): HTMLElement {
  globalThis.IS_REACT_ACT_ENVIRONMENT = true;
  const place = document.body.appendChild(document.createElement("div"));
  act(() => {
    createRoot(place).render(
      <Table caption="Rows" columns={columns} rows={rows} rowKey={(row) => row.id} onOpen={onOpen} />,
    );
  });
  return place;
}

function press(target: Element | null | undefined, key: string): void {
  act(() => void target?.dispatchEvent(new KeyboardEvent("keydown", { key, bubbles: true, cancelable: true })));
}

it("a row opens by mouse and by Enter, and a button in it is only itself", () => {
  const opened: string[] = [];
  const place = show((row) => opened.push(row.id));
  const [first, second] = place.querySelectorAll("tbody tr");
  act(() => first?.querySelector("th")?.click());
  press(second, "Enter");
  act(() => second?.querySelector("button")?.click());
  press(second?.querySelector("button"), "Enter");
  expect(opened).toEqual(["one", "two"]);
  expect(pressed).toHaveBeenCalledTimes(1);
});

it("arrows go from row to row", () => {
  const place = show(() => undefined);
  const [first, second] = place.querySelectorAll<HTMLElement>("tbody tr");
  first?.focus();
  press(first, "ArrowDown");
  expect(document.activeElement).toBe(second);
});
