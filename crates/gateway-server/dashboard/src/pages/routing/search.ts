// What the address of this page may hold.
import { flag, list, oneOf, shape, text, whole } from "../../lib/search";

export const validateSearch = shape({
  tab: oneOf("rules", "what-if"),
  /** The rule that is open; `new` for one that is being made. */
  rule: text,
  scope: oneOf("virtual_key", "team", "customer", "global"),
  q: text,
  // What would happen to a call:
  /** The virtual key; none: the operator's own call. */
  key: text,
  anonymous: flag,
  model: text,
  tokens: whole,
  message: text,
  stream: flag,
  max: whole,
  /** `name: value` */
  header: list,
  tag: list,
  param: list,
  fallback: list,
  /** What lots are drawn from: a number, or the id of a request. */
  seed: text,
});

export type RoutingSearch = ReturnType<typeof validateSearch>;
