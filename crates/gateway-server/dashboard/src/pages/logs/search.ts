// What the address of this page may hold: the range, every filter, the order, the page, and what of an open row is shown.

import { flag, list, number, oneOf, shape, someOf, text } from "../../lib/search";
import { rangeSearch } from "../../lib/time";

export const validateSearch = shape({
  ...rangeSearch,
  /** Text in the model, the error, tags or kept content. */
  q: text,
  provider: list,
  model: list,
  /** Virtual keys. */
  key: list,
  team: list,
  customer: list,
  rule: list,
  /** Keys of providers. */
  upstream: list,
  status: someOf("success", "error", "cancelled"),
  /** Kinds of error. */
  code: list,
  hosting: someOf("self_hosted", "cloud"),
  /** Kinds of request. */
  object: list,
  /** `name=value`. */
  tag: list,
  minLatency: number,
  maxLatency: number,
  minTokens: number,
  maxTokens: number,
  minCost: number,
  maxCost: number,
  unpriced: flag,
  sort: oneOf("timestamp", "latency", "tokens", "cost"),
  order: oneOf("asc", "desc"),
  cursor: text,
  /** Which columns are shown, where other than the usual ones. */
  columns: list,
  /** What of an open row is shown. */
  view: oneOf("conversation", "request", "response"),
});

export type LogsSearch = ReturnType<typeof validateSearch>;
