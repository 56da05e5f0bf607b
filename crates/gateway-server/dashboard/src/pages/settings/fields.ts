// The client section as a form: its groups, and what each field means.

import type { components } from "../../api/client";

export type Client = components["schemas"]["Client"];

export type FieldOf =
  | { name: "enforce_auth_on_inference"; kind: "maybe"; label: string; help: string; unset: string }
  | { name: keyof Client; kind: "switch"; label: string; help: string }
  | { name: keyof Client; kind: "number"; label: string; help: string; unit?: string }
  | { name: keyof Client; kind: "text"; label: string; help: string; placeholder?: string }
  | { name: keyof Client; kind: "list"; label: string; help: string; placeholder?: string }
  | { name: "on_disconnect"; kind: "disconnect"; label: string; help: string }
  | { name: "unknown_price"; kind: "unknown_price"; label: string; help: string }
  | { name: keyof Client; kind: "choice"; label: string; help: string; options: readonly [string, string][] };

export const GROUPS: readonly { title: string; fields: readonly FieldOf[] }[] = [
  {
    title: "Calls",
    fields: [
      {
        name: "enforce_auth_on_inference",
        kind: "maybe",
        label: "Calls need a virtual key",
        help: "Whether a call without a virtual key is refused.",
        unset: "Only where the gateway listens beyond this machine",
      },
      {
        name: "required_headers",
        kind: "list",
        label: "Required headers",
        help: "Every call must carry these. Names, with commas between.",
        placeholder: "x-cost-center",
      },
      {
        name: "max_request_body_size_mb",
        kind: "number",
        label: "Largest request",
        help: "Larger bodies are refused.",
        unit: "MiB",
      },
      {
        name: "max_attempts",
        kind: "number",
        label: "Attempts per request",
        help: "Fallbacks and retries together.",
      },
      {
        name: "request_timeout_in_seconds",
        kind: "number",
        label: "Time to start an attempt",
        help: "After this, no further attempt is begun.",
        unit: "seconds",
      },
      {
        name: "on_disconnect",
        kind: "disconnect",
        label: "When a client leaves a stream",
        help: "Unless its virtual key says otherwise.",
      },
      {
        name: "unknown_price",
        kind: "unknown_price",
        label: "Models without a price",
        help: "What a call costs whose model nobody has a price for.",
      },
    ],
  },
  {
    title: "Logs",
    fields: [
      {
        name: "enable_logging",
        kind: "switch",
        label: "Keep request logs",
        help: "Figures and budgets do not need them.",
      },
      {
        name: "content_capture",
        kind: "choice",
        label: "What is kept of a call",
        help: "Requests and responses may hold what is nobody's to read.",
        options: [
          ["metadata", "Facts: model, tokens, cost, timings"],
          ["full", "Requests and responses too"],
        ],
      },
      {
        name: "log_retention_days",
        kind: "number",
        label: "Keep logs for",
        help: "Older rows are deleted. The ledger stays.",
        unit: "days",
      },
      {
        name: "keep_responses",
        kind: "switch",
        label: "Keep responses that clients come back for",
        help: "For 30 days, where the model's provider does not keep them itself.",
      },
      {
        name: "metrics_prefix",
        kind: "text",
        label: "Prefix of metrics",
        help: "What the names of the gateway's own metrics begin with.",
      },
    ],
  },
  {
    title: "Keys",
    fields: [
      {
        name: "vk_rotation_cooldown",
        kind: "text",
        label: "Old value works on after a rotation",
        help: "A length of time, such as 1h or 7d. Empty: not at all.",
        placeholder: "1h",
      },
    ],
  },
];
