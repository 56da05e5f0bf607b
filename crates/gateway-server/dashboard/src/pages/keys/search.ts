// What the address of this page may hold.
import { shape, text } from "../../lib/search";

export const validateSearch = shape({ open: text });
