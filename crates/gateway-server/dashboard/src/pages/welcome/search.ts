// What the address of this page may hold.
import { shape, text } from "../../lib/search";

export const validateSearch = shape({
  /** The provider that is being added: `choose`, or its kind. */
  add: text,
});
