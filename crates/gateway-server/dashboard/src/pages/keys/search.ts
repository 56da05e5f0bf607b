// What the address of this page may hold: the filters, the order, the page, and the key that is open.

import { flag, oneOf, shape, text, whole } from "../../lib/search";

export const validateSearch = shape({
  q: text,
  team: text,
  customer: text,
  provider: text,
  status: oneOf("active", "disabled", "expired"),
  sort: oneOf("id", "name", "budget_used", "budget_spent", "status", "expires_at"),
  order: oneOf("asc", "desc"),
  /** From 0. */
  page: whole,
  /** The id of the key that is open. */
  open: text,
  /** What of it is shown. */
  tab: oneOf("settings", "code"),
  /** The form for a new key is open. */
  add: flag,
});

export type KeysSearch = ReturnType<typeof validateSearch>;
