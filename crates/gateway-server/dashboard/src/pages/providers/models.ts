import { api, call } from "../../api/client";
import type { Completions } from "../../parts";

/** Completion of the models that a provider is known to serve. */
export function lookUpModels(provider?: string): Completions {
  return {
    key: `models of ${provider ?? "all"}`,
    load: async (typed) => {
      const found = await call(
        api.GET("/api/models", {
          params: { query: { limit: 30, ...(typed && { query: typed }), ...(provider && { provider }) } },
        }),
      );
      return found.models.map(({ name, provider: at }) => (provider ? { value: name } : { value: name, detail: at }));
    },
  };
}
