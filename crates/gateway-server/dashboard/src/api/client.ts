// The one way to the API: typed calls, their errors, and how queries are kept.
//
//   const teams = useQuery(query("/api/governance/teams", { params: { query: { limit: 50 } } }));
//   const save = useChange((team: Team) => call(api.PUT("/api/governance/teams/{id}", { ... })), {
//     refreshes: ["/api/governance/teams"],
//     says: "Team saved",
//   });

import {
  MutationCache,
  QueryCache,
  QueryClient,
  queryOptions,
  type UseMutationResult,
  useMutation,
} from "@tanstack/react-query";
import createClient, { type FetchResponse, type MaybeOptionalInit, type Middleware } from "openapi-fetch";
import { toast } from "../parts/toast";
import { ApiProblem, messageOf, problemOf } from "./problem";
import type { paths } from "./schema";
import { credentials } from "./token";

export { ApiProblem, messageOf } from "./problem";
export type { components, paths } from "./schema";

const identified: Middleware = {
  onRequest({ request }) {
    for (const [name, value] of Object.entries(credentials())) {
      if (!request.headers.has(name)) request.headers.set(name, value);
    }
    return request;
  },
  async onResponse({ response }) {
    if (!response.ok) throw await problemOf(response);
  },
  onError({ error }) {
    if (error instanceof DOMException && error.name === "AbortError") return error;
    return new ApiProblem(0, "The gateway does not answer. Is it still running?");
  },
};

/** Calls by method and path: `api.GET("/api/providers")`. They reject with an `ApiProblem`. */
export const api = createClient<paths>({ baseUrl: window.location.origin });
api.use(identified);

/** The body of an answer. */
export async function call<T>(answer: Promise<{ data?: T }>): Promise<T> {
  // Errors were thrown on the way, so that what is left is the body; one without a body is `undefined`, and `T` says so.
  return (await answer).data as T;
}

type Verb = "get" | "post" | "put" | "delete";
type With<V extends Verb> = { [P in keyof paths]: paths[P] extends { [K in V]: object } ? P : never }[keyof paths];
type Operation<P extends keyof paths, V extends Verb> = paths[P] extends { [K in V]: infer O } ? O : never;
type Given<P extends With<"get">> = MaybeOptionalInit<paths[P], "get">;
type Answer<P extends With<"get">> = NonNullable<
  FetchResponse<Operation<P, "get"> & Record<string | number, unknown>, Given<P>, `${string}/${string}`>["data"]
>;

/** A GET as a query: `useQuery(query("/api/teams/{id}", { params: { path: { id } } }))`. Its key starts with the path. */
export function query<P extends With<"get">>(path: P, ...given: undefined extends Given<P> ? [Given<P>?] : [Given<P>]) {
  const init = given[0] as Record<string, unknown> | undefined;
  return queryOptions({
    queryKey: [path as string, init?.params ?? null] as const,
    queryFn: ({ signal }) => {
      const send = api.GET as (path: P, init: object) => Promise<{ data?: Answer<P> }>;
      return call(send(path, { ...init, signal }));
    },
  });
}

/** Fetches anew every query whose path starts with one of those. */
export function refresh(...prefixes: string[]): Promise<void> {
  return queries.invalidateQueries({
    predicate: ({ queryKey: [path] }) => typeof path === "string" && prefixes.some((prefix) => path.startsWith(prefix)),
  });
}

interface ChangeOptions<Result, Input> {
  /** Paths whose queries are out of date afterwards. */
  refreshes?: string[];
  /** Told in a toast when it is done. */
  says?: string | ((result: Result, input: Input) => string);
  /** What else to do when it is done. */
  done?: (result: Result, input: Input) => void;
  /** Whether the caller shows the error itself, beside its form; else a toast does. */
  showsError?: boolean;
}

/** A call that changes something. */
export function useChange<Input, Result>(
  change: (input: Input) => Promise<Result>,
  options: ChangeOptions<Result, Input> = {},
): UseMutationResult<Result, Error, Input> {
  return useMutation<Result, Error, Input>({
    mutationFn: change,
    onSuccess: async (result, input) => {
      const { says } = options;
      if (says) toast.ok(typeof says === "function" ? says(result, input) : says);
      options.done?.(result, input);
      if (options.refreshes) await refresh(...options.refreshes);
    },
    onError: (error) => {
      if (!options.showsError) toast.bad(messageOf(error));
    },
  });
}

let askWhoItIs: () => void = () => undefined;

/** Says what happens when the gateway does not know who asks. The router does, which knows where one is. */
export function whenUnknown(act: () => void): void {
  askWhoItIs = act;
}

function check(error: Error): void {
  if (error instanceof ApiProblem && error.status === 401) askWhoItIs();
}

export const queries = new QueryClient({
  queryCache: new QueryCache({ onError: check }),
  mutationCache: new MutationCache({ onError: check }),
  defaultOptions: {
    queries: {
      staleTime: 5_000,
      gcTime: 5 * 60_000,
      refetchOnWindowFocus: true,
      retry: (failures, error) => error instanceof ApiProblem && error.passing && failures < 2,
    },
    mutations: { retry: false },
  },
});
