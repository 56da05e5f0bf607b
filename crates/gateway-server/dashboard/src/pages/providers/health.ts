// How a provider stands, in one word and one sentence, from what the settings and the router say.

import type { components } from "../../api/client";
import { percent, plural } from "../../lib/format";
import type { Tone } from "../../parts";

export type Provider = components["schemas"]["Provider"];
export type ProviderKey = components["schemas"]["ProviderKey"];
export type Deployment = components["schemas"]["DeploymentHealth"];
export type ProviderKind = components["schemas"]["ProviderKind"];

export interface Standing {
  tone: Tone;
  word: string;
  /** More about it, where there is more to say. */
  why?: string | undefined;
}

const WELL: readonly Deployment["condition"][] = ["ready", "probe_due"];

export function isWell(deployment: Deployment): boolean {
  return WELL.includes(deployment.condition);
}

/** How a provider stands. `deployments` are those of all providers. */
export function standingOf(provider: Provider, deployments: readonly Deployment[] = []): Standing {
  if (provider.provider_status === "disabled") return { tone: "muted", word: "Disabled" };
  if (provider.provider_status === "error")
    return { tone: "bad", word: "Cannot be used", why: provider.status ?? undefined };
  const own = deployments.filter((one) => one.deployment.provider === provider.name);
  const unwell = own.filter((one) => !isWell(one));
  const first = unwell[0];
  if (first && unwell.length === own.length) return { tone: "bad", word: "Down", why: sentence(first.words) };
  if (first) {
    const part = `${unwell.length} of ${plural(own.length, "deployment")}`;
    return { tone: "warn", word: "Partly down", why: `${part}: ${first.deployment.model} ${first.words}` };
  }
  const calls = own.reduce((sum, one) => sum + one.calls, 0);
  const failures = own.reduce((sum, one) => sum + one.failures, 0);
  if (failures > 0) return { tone: "warn", word: "Shaky", why: `${percent(failures / calls)} of recent calls failed` };
  if (own.length > 0) return { tone: "ok", word: "Healthy" };
  if (provider.discovery.status === "failed") {
    return { tone: "warn", word: "Not reached yet", why: provider.discovery.error ?? undefined };
  }
  return { tone: "ok", word: "Ready", why: "Not called since the gateway started" };
}

export function standingOfDeployment(deployment: Deployment): Standing {
  const tone = isWell(deployment) ? (deployment.failures > 0 ? "warn" : "ok") : "bad";
  return { tone, word: sentence(deployment.words) };
}

/** Where a provider is from, as far as that matters: one that only a file changes, or the environment made. */
export function ownerOf(provider: Provider): { file?: string; environment?: true } {
  if (provider.origin.startsWith("file ")) return { file: provider.origin.slice("file ".length) };
  return provider.origin === "environment" ? { environment: true } : {};
}

/** A redacted value without its row of stars: `sk-p…1234`. */
export function masked(value: string): string {
  return value.replace(/^\*+$/, "•••").replace(/\*+/, "…");
}

export function sentence(words: string): string {
  return words.charAt(0).toUpperCase() + words.slice(1);
}
