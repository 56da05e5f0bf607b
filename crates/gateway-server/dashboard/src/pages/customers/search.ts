// What the address of this page may hold: the search, the page, and the customer that is open.

import { flag, oneOf, shape, text, whole } from "../../lib/search";

export const validateSearch = shape({
  q: text,
  /** From 0. */
  page: whole,
  /** The id of the customer that is open. */
  open: text,
  tab: oneOf("settings"),
  /** The form for a new one is open. */
  add: flag,
});

export type CustomersSearch = ReturnType<typeof validateSearch>;
