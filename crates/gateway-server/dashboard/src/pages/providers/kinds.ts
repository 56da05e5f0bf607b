// What providers can be: asked for once, as it does not change while the gateway runs.

import { useQuery } from "@tanstack/react-query";
import { query } from "../../api/client";
import type { ProviderKind } from "./health";

/** How a base type stands in the address, so that `openai` itself and a server that speaks like it are told apart. */
export const LIKE = "like:";

export function useKinds() {
  const kinds = useQuery({ ...query("/api/providers/kinds"), staleTime: 10 * 60_000 });
  const all = kinds.data?.kinds ?? [];
  const bases = kinds.data?.base_types ?? [];
  const find = (name: string): ProviderKind | undefined =>
    name.startsWith(LIKE)
      ? bases.find((kind) => `${LIKE}${kind.name}` === name)
      : all.find((kind) => kind.name === name);
  return {
    all,
    bases,
    requests: kinds.data?.requests ?? [],
    find,
    /** What a configured provider's kind is called; `openai-compatible` is that of a base type. */
    title: (name: string): string => of(name)?.title ?? name,
    of,
    error: kinds.error,
    loading: kinds.isPending,
  };

  function of(name: string): ProviderKind | undefined {
    return find(name) ?? find(`${LIKE}${name.replace(/-compatible$/, "")}`);
  }
}
