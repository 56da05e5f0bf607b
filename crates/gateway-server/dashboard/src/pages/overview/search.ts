// What the address of this page may hold: the range, one kind of filter, and how the list of shares is looked at.

import { oneOf, shape, text } from "../../lib/search";
import { rangeSearch } from "../../lib/time";

export const validateSearch = shape({
  ...rangeSearch,
  provider: text,
  model: text,
  /** A virtual key. */
  key: text,
  team: text,
  customer: text,
  /** By what the shares are listed. */
  by: oneOf("providers", "models", "virtual_keys", "teams", "customers"),
  sort: oneOf("requests", "tokens", "cost"),
  /** The model, as `provider/model`, at whose price saved costs are reckoned. */
  against: text,
});

export type OverviewSearch = ReturnType<typeof validateSearch>;
