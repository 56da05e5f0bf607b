// What the address of this page may hold: what is called and how, never what is said but the first message.
import { flag, list, number, oneOf, shape, text, whole } from "../../lib/search";

export const validateSearch = shape({
  model: text,
  /** The virtual key whose call it is; none: the operator's own. */
  key: text,
  compare: flag,
  /** The other side of a comparison. */
  model2: text,
  key2: text,
  system: text,
  temperature: number,
  max: whole,
  format: oneOf("json_object"),
  /** Tools as JSON, as a request has them. */
  tools: text,
  /** Answers come whole instead of as they are made. */
  unstreamed: flag,
  fallback: list,
  /** A first message, put into the field. */
  message: text,
});

export type PlaygroundSearch = ReturnType<typeof validateSearch>;
