// What fields complete from: the names that are there now.

import type { Completions } from "../parts";
import { api, call } from "./client";

/** Virtual keys, by id. */
export const virtualKeys: Completions = {
  key: "virtual keys",
  load: async (typed) => {
    const query = { limit: 30, ...(typed && { search: typed }) };
    const found = await call(api.GET("/api/governance/virtual-keys", { params: { query } }));
    return found.virtual_keys.map(({ id, name }) => ({ value: id, ...(name && name !== id && { detail: name }) }));
  },
};

/** Teams, by id. */
export const teams: Completions = {
  key: "teams",
  load: async (typed) => {
    const query = { limit: 30, ...(typed && { search: typed }) };
    const found = await call(api.GET("/api/governance/teams", { params: { query } }));
    return found.teams.map(({ id, name }) => ({ value: id, detail: name }));
  },
};

/** Customers, by id. */
export const customers: Completions = {
  key: "customers",
  load: async (typed) => {
    const query = { limit: 30, ...(typed && { search: typed }) };
    const found = await call(api.GET("/api/governance/customers", { params: { query } }));
    return found.customers.map(({ id, name }) => ({ value: id, detail: name }));
  },
};

/** Providers that are configured. */
export const providers: Completions = {
  key: "providers",
  load: async (typed) => {
    const found = await call(api.GET("/api/providers"));
    const names = found.providers.map((provider) => provider.name);
    return names.filter((name) => name.includes(typed)).map((value) => ({ value }));
  },
};

/** Models that are served here: those of one provider, or all of them, with who serves each. */
export function servedModels(provider?: string): Completions {
  return {
    key: `models of ${provider ?? "all"}`,
    load: async (typed) => {
      const query = { limit: 60, ...(typed && { query: typed }), ...(provider && { provider }) };
      const found = await call(api.GET("/api/models", { params: { query } }));
      const servers = new Map<string, string[]>();
      for (const { name, provider: at } of found.models) servers.set(name, [...(servers.get(name) ?? []), at]);
      return [...servers].map(([value, at]) => (provider ? { value } : { value, detail: at.join(", ") }));
    },
  };
}
