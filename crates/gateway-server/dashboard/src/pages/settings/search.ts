// What the address of this page may hold.
import { oneOf, type Search, shape, text, whole } from "../../lib/search";

const parts = {
  tab: oneOf("general", "users", "tokens", "audit", "ledger", "revisions", "document"),
  /** The revision that is open. */
  revision: whole,
  /** The record of the audit log that is open. */
  record: whole,
  actor: text,
  action: text,
  target: text,
  /** Where the page before ended. */
  before: whole,
  /** A quota whose windows are listed. */
  quota: text,
};

export type SettingsSearch = Search<typeof parts>;
export const validateSearch = shape(parts);
