// A provider and its keys as their forms hold them, and what is sent of that. What is empty is sent as null: it is removed.

import type { components } from "../../../api/client";
import type { Provider, ProviderKey } from "../health";

type Custom = components["schemas"]["CustomProviderConfig"];
export type RequestType = keyof NonNullable<Custom["allowed_requests"]>;
type ProxyKind = components["schemas"]["ProxyKind"];

export interface Header {
  /** For lists in React. */
  key: string;
  name: string;
  value: string;
}

export interface ProviderDraft {
  baseUrl: string;
  timeout: number | undefined;
  idle: number | undefined;
  retries: number | undefined;
  backoffFirst: number | undefined;
  backoffMost: number | undefined;
  connections: number | undefined;
  headers: Header[];
  skipVerify: boolean;
  ca: string;
  http2: boolean;
  linkLocal: boolean;
  proxy: ProxyKind;
  proxyUrl: string;
  proxyUser: string;
  proxyPassword: string;
  pricing: "usual" | "free" | "catalogue";
  keyless: boolean;
  /** Undefined: everything may be asked. */
  allowed: RequestType[] | undefined;
}

export const NEW_PROVIDER: ProviderDraft = {
  baseUrl: "",
  timeout: undefined,
  idle: undefined,
  retries: undefined,
  backoffFirst: undefined,
  backoffMost: undefined,
  connections: undefined,
  headers: [],
  skipVerify: false,
  ca: "",
  http2: false,
  linkLocal: false,
  proxy: "none",
  proxyUrl: "",
  proxyUser: "",
  proxyPassword: "",
  pricing: "usual",
  keyless: false,
  allowed: undefined,
};

let made = 0;

export function newHeader(name = "", value = ""): Header {
  made += 1;
  return { key: `header-${made}`, name, value };
}

/** What is set, to be edited. */
export function draftOf(provider: Provider): ProviderDraft {
  const { network_config: network, proxy_config: proxy, custom_provider_config: custom } = provider;
  const allowed = custom?.allowed_requests;
  return {
    baseUrl: network.base_url ?? "",
    timeout: network.default_request_timeout_in_seconds ?? undefined,
    idle: network.stream_idle_timeout_in_seconds ?? undefined,
    retries: network.max_retries || undefined,
    backoffFirst: network.retry_backoff_initial ?? undefined,
    backoffMost: network.retry_backoff_max ?? undefined,
    connections: network.max_conns_per_host ?? undefined,
    headers: Object.entries(network.extra_headers ?? {}).map(([name, value]) => newHeader(name, value)),
    skipVerify: network.insecure_skip_verify ?? false,
    ca: network.ca_cert_pem ?? "",
    http2: network.enforce_http2 ?? false,
    linkLocal: network.allow_link_local ?? false,
    proxy: proxy?.type ?? "none",
    proxyUrl: proxy?.url ?? "",
    proxyUser: proxy?.username ?? "",
    proxyPassword: proxy?.password ?? "",
    pricing: provider.pricing ?? "usual",
    keyless: custom?.is_key_less ?? false,
    allowed: allowed ? (Object.keys(allowed) as RequestType[]).filter((request) => allowed[request]) : undefined,
  };
}

/** What is sent of it. `base` is the base type, where the provider is one of the operator's own naming. */
export function bodyOf(draft: ProviderDraft, base: string | undefined) {
  const headers = draft.headers.filter((header) => header.name.trim());
  return {
    network_config: {
      base_url: draft.baseUrl.trim() || null,
      default_request_timeout_in_seconds: draft.timeout ?? null,
      stream_idle_timeout_in_seconds: draft.idle ?? null,
      max_retries: draft.retries ?? 0,
      retry_backoff_initial: draft.backoffFirst ?? null,
      retry_backoff_max: draft.backoffMost ?? null,
      max_conns_per_host: draft.connections ?? null,
      extra_headers: Object.fromEntries(headers.map(({ name, value }) => [name.trim(), value])),
      insecure_skip_verify: draft.skipVerify,
      ca_cert_pem: draft.ca.trim() || null,
      enforce_http2: draft.http2,
      allow_link_local: draft.linkLocal,
    },
    proxy_config:
      draft.proxy === "none"
        ? null
        : {
            type: draft.proxy,
            url: draft.proxyUrl.trim() || null,
            username: draft.proxyUser.trim() || null,
            password: draft.proxyPassword || null,
          },
    pricing: draft.pricing === "usual" ? null : draft.pricing,
    ...(base !== undefined && {
      custom_provider_config: {
        base_provider_type: base,
        is_key_less: draft.keyless,
        allowed_requests: draft.allowed ? Object.fromEntries(draft.allowed.map((request) => [request, true])) : null,
      },
    }),
  };
}

/** A field of a key's own object for its kind, by its path (`azure_key_config.endpoint`): a text, texts, or texts by name. */
export type Extra = string | string[] | [string, string][];

export interface KeyDraft {
  name: string;
  value: string;
  weight: number | undefined;
  models: string[];
  enabled: boolean;
  aliases: [string, string][];
  extras: Record<string, Extra>;
}

export function newKey(name: string): KeyDraft {
  return { name, value: "", weight: 1, models: [], enabled: true, aliases: [], extras: {} };
}

export function keyDraftOf(key: ProviderKey): KeyDraft {
  const extras: Record<string, Extra> = {};
  for (const [config, fields] of Object.entries(key)) {
    if (!config.endsWith("_key_config") || typeof fields !== "object" || fields === null) continue;
    for (const [field, value] of Object.entries(fields)) {
      if (typeof value === "string" || Array.isArray(value)) extras[`${config}.${field}`] = value as string | string[];
      else if (value && typeof value === "object")
        extras[`${config}.${field}`] = Object.entries(value as Record<string, string>);
    }
  }
  return {
    name: key.name,
    value: key.value ?? "",
    weight: key.weight ?? 1,
    models: key.models,
    enabled: key.enabled ?? true,
    aliases: Object.entries(key.aliases ?? {}),
    extras,
  };
}

/** What is sent of a key. Of one that is there, empty fields are taken away; of a new one they are left out. */
export function keyBodyOf(draft: KeyDraft, isNew: boolean) {
  const configs: Record<string, Record<string, unknown>> = {};
  for (const [path, value] of Object.entries(draft.extras)) {
    const [config = "", field = ""] = path.split(".");
    const written = extraOf(value);
    if (written === null && isNew) continue;
    configs[config] ??= {};
    configs[config][field] = written;
  }
  return {
    name: draft.name.trim(),
    value: draft.value,
    weight: draft.weight ?? 1,
    models: draft.models,
    enabled: draft.enabled,
    aliases: pairs(draft.aliases),
    ...configs,
  };
}

function extraOf(value: Extra): string | string[] | Record<string, string> | null {
  if (typeof value === "string") return value.trim() || null;
  if (value.length === 0) return null;
  const isPairs = (list: string[] | [string, string][]): list is [string, string][] => Array.isArray(list[0]);
  return isPairs(value) ? pairs(value) : value;
}

function pairs(list: [string, string][]): Record<string, string> {
  return Object.fromEntries(list.filter(([from]) => from.trim()).map(([from, to]) => [from.trim(), to.trim()]));
}
