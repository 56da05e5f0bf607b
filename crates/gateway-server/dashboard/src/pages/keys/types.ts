// The API's types that this page speaks of.

import type { components } from "../../api/client";

type Schemas = components["schemas"];
export type VirtualKey = Schemas["VirtualKey"];
export type ProviderEntry = Schemas["ProviderEntry"];
export type KeyChange = Schemas["VirtualKeyChange"];
export type EffectiveLimit = Schemas["EffectiveLimit"];

/** Everything that a change of a key may change elsewhere on the screen. */
export const KEY_PATHS = ["/api/governance", "/api/overview", "/api/logs"];

/** What a key's state looks like. */
export function statusOf({ status }: VirtualKey): { tone: "ok" | "muted" | "warn"; word: string } {
  switch (status) {
    case "active":
      return { tone: "ok", word: "Active" };
    case "disabled":
      return { tone: "muted", word: "Disabled" };
    case "expired":
      return { tone: "warn", word: "Expired" };
  }
}

/** The file that a key is declared in, which alone can change it. */
export function fileOf({ origin }: { origin: string }): string | undefined {
  return origin.startsWith("file ") ? origin.slice("file ".length) : undefined;
}

/** Why it cannot be changed here, if so. */
export function fixedBy(of: { origin: string }): string | undefined {
  const file = fileOf(of);
  return file && `It is declared in ${file}: change it there.`;
}

/** `sk-b…e9c5`: the stars between say nothing. */
export function masked(value: string | null | undefined): string {
  return (value ?? "").replace(/(?<=.)\*{9,}(?=.)/, "…");
}
