import { expect, it } from "vitest";
import { inOrder, move, type Ordered } from "./order";

const rules = (...priorities: number[]): Ordered[] =>
  priorities.map((priority, index) => ({ id: `r${index}`, priority, origin: "api" }));

function after(before: Ordered[], from: number, to: number): string[] {
  const changes = new Map(move(before, from, to)?.map(({ id, priority }) => [id, priority]));
  return inOrder(before.map((rule) => ({ ...rule, priority: changes.get(rule.id) ?? rule.priority }))).map(
    ({ id }) => id,
  );
}

it("puts any rule at any place, whatever the priorities were", () => {
  for (const before of [rules(0, 0, 0, 0), rules(1, 2, 3, 4), rules(10, 20, 30, 40), rules(-5, -5, 7, 8)]) {
    const ids = inOrder(before).map(({ id }) => id);
    for (let from = 0; from < 4; from += 1) {
      for (let to = 0; to < 4; to += 1) {
        const wanted = ids.filter((_, index) => index !== from);
        wanted.splice(to, 0, ids[from] ?? "");
        expect(after(before, from, to)).toEqual(wanted);
      }
    }
  }
});

it("changes one rule alone where there is room", () => {
  expect(move(rules(10, 20, 30), 2, 1)).toEqual([{ id: "r2", priority: 15 }]);
  expect(move(rules(10, 20, 30), 1, 0)).toEqual([{ id: "r1", priority: 0 }]);
  expect(move(rules(10, 20, 30), 0, 2)).toEqual([{ id: "r0", priority: 40 }]);
  expect(move(rules(1, 2, 3), 1, 1)).toEqual([]);
});

it("does not change what a file declares", () => {
  const [a, b, c] = rules(1, 2, 3) as [Ordered, Ordered, Ordered];
  const file = { ...b, origin: "file /etc/gateway.yaml" };
  expect(move([a, file, c], 1, 0)).toBeUndefined();
  expect(move([a, file, c], 2, 0)).toEqual([{ id: "r2", priority: -9 }]);
  expect(move([a, file, c], 2, 1)).toBeUndefined();
});
