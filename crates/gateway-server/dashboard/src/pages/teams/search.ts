// What the address of this page may hold: the search, a filter, the page, and the team that is open.

import { flag, oneOf, shape, text, whole } from "../../lib/search";

export const validateSearch = shape({
  q: text,
  customer: text,
  /** From 0. */
  page: whole,
  /** The id of the team that is open. */
  open: text,
  tab: oneOf("settings"),
  /** The form for a new one is open. */
  add: flag,
});

export type TeamsSearch = ReturnType<typeof validateSearch>;
