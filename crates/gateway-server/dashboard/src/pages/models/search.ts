// What the address of this page may hold.
import { oneOf, shape, text, whole } from "../../lib/search";

export const validateSearch = shape({
  view: oneOf("catalogue", "overrides"),
  /** Words of the name or the provider's. */
  q: text,
  provider: text,
  capability: text,
  mode: text,
  hosting: oneOf("self-hosted", "cloud"),
  /** Beyond those that a call can reach now: all that are configured, or the whole catalogue. */
  scope: oneOf("configured", "all"),
  sort: oneOf("name", "provider", "context", "max_output", "input", "output"),
  order: oneOf("asc", "desc"),
  /** How many are skipped. */
  from: whole,
  /** The model that is open: `provider/model`. */
  open: text,
  /** The override whose form is open: its id; `new` for another one. */
  price: text,
});

export type ModelsSearch = ReturnType<typeof validateSearch>;
