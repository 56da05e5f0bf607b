// What the address of this page may hold: where to go afterwards, and whether the password is to be changed.
import { oneOf, shape, text } from "../../lib/search";

export const validateSearch = shape({ next: text, password: oneOf("change") });
