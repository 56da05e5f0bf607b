// Who is at the dashboard, and what they may do.

import { useQuery, useQueryClient } from "@tanstack/react-query";
import { useRouter } from "@tanstack/react-router";
import { api, call, type components, query } from "../api/client";
import { token } from "../api/token";

export type Session = components["schemas"]["Session"];
export type Role = Session["role"];

const RANK: Record<Role, number> = { viewer: 0, operator: 1, admin: 2 };
const NEEDS: Record<Role, string> = {
  viewer: "You may not see this.",
  operator: "Only operators and admins may do this.",
  admin: "Only admins may do this.",
};

export function useSession(): Session | undefined {
  return useQuery({ ...query("/api/session"), staleTime: 60_000, retry: false }).data;
}

/** Whether the role is enough, and if not, what to say beside what is disabled. */
export interface May {
  may: boolean;
  /** Why not; undefined where one may. Hand it to a button as `disabledBecause`. */
  why: string | undefined;
}

/** `const { may, why } = useMay("operator")`. Until the session is known nothing is allowed. */
export function useMay(role: Role): May {
  const session = useSession();
  if (!session) return { may: false, why: "Checking what you may do…" };
  const may = RANK[session.role] >= RANK[role];
  return { may, why: may ? undefined : `${NEEDS[role]} You are signed in as a ${session.role}.` };
}

/** Ends the session, or forgets the token of this tab, and goes to the login page. */
export function useSignOut(): () => Promise<void> {
  const queries = useQueryClient();
  const router = useRouter();
  return async () => {
    token.forget();
    await call(api.POST("/api/session/logout")).catch(() => undefined);
    // Nothing of what was seen stays: neither for the login page, nor for whoever comes next.
    queries.removeQueries({ queryKey: ["/api/session/is-auth-enabled"] });
    await router.navigate({ to: "/login" });
    queries.removeQueries({ type: "inactive" });
  };
}
