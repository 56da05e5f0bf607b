// What the address of this page may hold.
import { shape } from "../../lib/search";

export const validateSearch = shape({});
