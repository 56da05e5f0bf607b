// Completion of models: those that the providers are known to serve, and the catalogue's.

import { api, call } from "../../../api/client";
import type { Completions } from "../../../parts";

/** Models of a provider, or of all; with the wildcard that fits what was typed. */
export function modelCompletions(provider: string | undefined): Completions {
  return {
    key: `models of ${provider ?? ""}`,
    load: async (typed) => {
      const named = provider ? { provider } : {};
      const query = { limit: 50, ...named, ...(typed ? { query: typed.replaceAll("*", "") } : {}) };
      const { models } = await call(api.GET("/api/models", { params: { query } }));
      const names = [...new Set(models.map((model) => model.name))];
      const found = names.map((value) => ({ value }));
      const wildcard = typed && !typed.includes("*") ? [{ value: `${typed}*`, detail: "all that begin so" }] : [];
      return typed.includes("*") ? [{ value: typed, detail: "wildcard" }, ...found] : [...found, ...wildcard];
    },
  };
}
