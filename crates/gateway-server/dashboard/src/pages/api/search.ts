// What the address of this page may hold: a search, which half of the API, and the operation that is open.
import { oneOf, shape, text } from "../../lib/search";

export const validateSearch = shape({ q: text, part: oneOf("management", "inference"), op: text });
