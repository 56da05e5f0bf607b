// A virtual key while it is edited, and what is sent of it.

import { toLocalInput } from "../../../lib/time";
import { draftOf, type LimitsDraft, limitsOf, NO_LIMITS } from "../../../parts/limits/draft";
import type { KeyChange, VirtualKey } from "../types";

/** A pair of texts in a list. `key` tells them apart on the screen. */
export interface Pair {
  key: string;
  name: string;
  value: string;
}

export interface EntryDraft {
  key: string;
  provider: string;
  weight: number | undefined;
  models: string[];
  blocked: string[];
  /** What is asked for, and what is served for it. */
  aliases: Pair[];
  keyIds: string[];
  limits: LimitsDraft;
}

export interface ModelLimitDraft {
  key: string;
  model: string;
  limits: LimitsDraft;
}

export interface KeyDraft {
  name: string;
  description: string;
  /** Of a new key: the id, and a value of one's own choice. */
  id: string;
  value: string;
  team: string;
  customer: string;
  entries: EntryDraft[];
  limits: LimitsDraft;
  modelLimits: ModelLimitDraft[];
  active: boolean;
  /** Local time without a zone; empty for never. */
  expires: string;
  tags: Pair[];
  blocked: string[];
  strategy: string;
  strict: boolean;
  passthrough: boolean;
  requiredHeaders: string[];
  onDisconnect: "default" | "cancel" | "finish";
  mostTokens: number | undefined;
  webhook: string;
  thresholds: string[];
}

let made = 0;

/** What tells a new row from the others. */
export function fresh(): string {
  made += 1;
  return `new-${made}`;
}

export function newPair(): Pair {
  return { key: fresh(), name: "", value: "" };
}

export function newEntry(provider = ""): EntryDraft {
  return {
    key: fresh(),
    provider,
    weight: 1,
    models: [],
    blocked: [],
    aliases: [],
    keyIds: [],
    limits: NO_LIMITS,
  };
}

export const NEW_KEY: KeyDraft = {
  name: "",
  description: "",
  id: "",
  value: "",
  team: "",
  customer: "",
  entries: [],
  limits: NO_LIMITS,
  modelLimits: [],
  active: true,
  expires: "",
  tags: [],
  blocked: [],
  strategy: "weighted",
  strict: false,
  passthrough: false,
  requiredHeaders: [],
  onDisconnect: "default",
  mostTokens: 1000,
  webhook: "",
  thresholds: ["50", "80", "100"],
};

function pairsOf(map: Readonly<Record<string, string>>): Pair[] {
  return Object.entries(map).map(([name, value]) => ({ key: fresh(), name, value }));
}

/** Rows that are empty are not meant. */
function mapOf(pairs: readonly Pair[]): Record<string, string> {
  const said = pairs.filter(({ name, value }) => name.trim() !== "" || value.trim() !== "");
  return Object.fromEntries(said.map(({ name, value }) => [name.trim(), value.trim()]));
}

/** What is there, to be edited. */
export function keyDraftOf(key: VirtualKey): KeyDraft {
  const { on_disconnect: left } = key;
  return {
    name: key.name,
    description: key.description ?? "",
    id: key.id,
    value: "",
    team: key.team_id ?? "",
    customer: key.customer_id ?? "",
    entries: key.provider_configs.map((entry) => ({
      key: entry.provider,
      provider: entry.provider,
      weight: entry.weight,
      models: entry.allowed_models,
      blocked: entry.blacklisted_models,
      aliases: pairsOf(entry.model_aliases),
      keyIds: entry.key_ids,
      limits: draftOf(entry),
    })),
    limits: draftOf(key),
    modelLimits: key.model_limits.map((limit) => ({
      key: limit.model_name,
      model: limit.model_name,
      limits: draftOf(limit),
    })),
    active: key.is_active,
    expires: key.expires_at ? toLocalInput(new Date(key.expires_at)) : "",
    tags: pairsOf(key.metadata),
    blocked: key.blacklisted_models,
    strategy: key.strategy,
    strict: key.strict_translation,
    passthrough: key.allow_passthrough,
    requiredHeaders: key.required_headers,
    onDisconnect: !left ? "default" : left === "cancel" ? "cancel" : "finish",
    mostTokens: left && left !== "cancel" ? left.finish.most_tokens : NEW_KEY.mostTokens,
    webhook: key.alerts?.webhook_url ?? "",
    thresholds: key.alerts?.thresholds.map(String) ?? NEW_KEY.thresholds,
  };
}

/** What is sent. What is empty is taken away. */
export function changeOf(draft: KeyDraft): KeyChange {
  return {
    name: draft.name.trim(),
    description: draft.description.trim() || null,
    team_id: draft.team || null,
    customer_id: draft.customer || null,
    provider_configs: draft.entries.map((entry) => ({
      provider: entry.provider.trim(),
      weight: entry.weight ?? 1,
      allowed_models: entry.models,
      blacklisted_models: entry.blocked,
      model_aliases: mapOf(entry.aliases),
      key_ids: entry.keyIds,
      ...limitsOf(entry.limits),
    })),
    ...limitsOf(draft.limits),
    model_limits: draft.modelLimits.map(({ model, limits }) => ({ model_name: model.trim(), ...limitsOf(limits) })),
    is_active: draft.active,
    expires_at: draft.expires ? new Date(draft.expires).toISOString() : null,
    metadata: mapOf(draft.tags),
    blacklisted_models: draft.blocked,
    strategy: draft.strategy === "weighted" ? null : draft.strategy,
    strict_translation: draft.strict,
    allow_passthrough: draft.passthrough,
    required_headers: draft.requiredHeaders,
    on_disconnect: disconnectOf(draft),
    alerts: draft.webhook.trim()
      ? { webhook_url: draft.webhook.trim(), thresholds: draft.thresholds.map(Number).filter(Number.isInteger) }
      : null,
  };
}

function disconnectOf({ onDisconnect, mostTokens }: KeyDraft): KeyChange["on_disconnect"] {
  if (onDisconnect === "default") return null;
  return onDisconnect === "cancel" ? "cancel" : { finish: { most_tokens: mostTokens ?? 0 } };
}

/** What only a new key is sent: its id and value, where they are chosen. */
export function choiceOf({ id, value }: KeyDraft): Pick<KeyChange, "id" | "value"> {
  return { ...(id.trim() ? { id: id.trim() } : {}), ...(value ? { value } : {}) };
}
