// What the address of this page may hold.
import { oneOf, shape, text } from "../../lib/search";

export const validateSearch = shape({
  /** A text that a name, kind or address must hold. */
  q: text,
  show: oneOf("self-hosted", "cloud", "trouble"),
  /** The panel to add one: `choose`, or the kind that was chosen; `like:openai` for a base type. */
  add: text,
  tab: oneOf("overview", "keys", "models", "settings", "limits", "uses"),
  /** The key whose form is open; `new` for another one. */
  key: text,
});
