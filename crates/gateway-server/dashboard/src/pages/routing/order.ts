// The order in which the rules of one scope are asked, and what has to change for another one.

export interface Ordered {
  id: string;
  priority: number;
  origin: string;
}

export interface Moved {
  id: string;
  priority: number;
}

/** As the gateway asks them: by priority, then by id. */
export function inOrder<R extends Ordered>(rules: readonly R[]): R[] {
  return [...rules].sort((a, b) => a.priority - b.priority || (a.id < b.id ? -1 : a.id > b.id ? 1 : 0));
}

/**
 * The priorities that put one rule elsewhere: of that rule alone where there is room between its new neighbours, else of
 * all that are numbered wrong then. Undefined where a rule would have to change that a file declares.
 */
export function move(rules: readonly Ordered[], from: number, to: number): Moved[] | undefined {
  const order = inOrder(rules);
  const [rule] = order.splice(from, 1);
  if (!rule || from === to) return [];
  order.splice(to, 0, rule);
  const between = room(order[to - 1]?.priority, order[to + 1]?.priority);
  const changes =
    between === undefined
      ? order.map(({ id }, index) => ({ id, priority: (index + 1) * 10 }))
      : [{ id: rule.id, priority: between }];
  const before = new Map(rules.map((one) => [one.id, one]));
  const real = changes.filter(({ id, priority }) => before.get(id)?.priority !== priority);
  return real.some(({ id }) => before.get(id)?.origin.startsWith("file")) ? undefined : real;
}

/** A whole number strictly between two others, or beyond the only one. */
function room(before: number | undefined, after: number | undefined): number | undefined {
  if (before === undefined) return after === undefined ? 0 : after - 10;
  if (after === undefined) return before + 10;
  const middle = Math.floor((before + after) / 2);
  return middle > before && middle < after ? middle : undefined;
}
