// Signing in: by name and password, or with a token for this tab. Also where one's own password is changed.

import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link, useRouter } from "@tanstack/react-router";
import { type ReactNode, useState } from "react";
import { queries, query } from "../../api/client";
import { parseSearch } from "../../lib/search";
import { Loading, Problem } from "../../parts";
import favicon from "../../style/favicon.svg";
import { ChangePassword } from "./ChangePassword";
import { PasswordForm } from "./PasswordForm";
import { TokenForm } from "./TokenForm";
import "./page.css";

const route = getRouteApi("/login");

export default function Page(): ReactNode {
  const { password } = route.useSearch();
  const guarded = useQuery({ ...query("/api/session/is-auth-enabled"), staleTime: 0 });
  return (
    <div className="login card">
      <p className="login-brand">
        <img src={favicon} alt="" width={28} height={28} />
        Gateway
      </p>
      {guarded.error && (
        <Problem
          title="It cannot be told how to sign in"
          error={guarded.error}
          onRetry={() => void guarded.refetch()}
        />
      )}
      {guarded.isPending && <Loading label="Asking how to sign in" />}
      {guarded.data && password === "change" && <ChangePassword />}
      {guarded.data && !password && !guarded.data.is_auth_enabled && <NobodyHasTo />}
      {guarded.data && !password && guarded.data.is_auth_enabled && <SignIn hasUsers={guarded.data.has_users} />}
    </div>
  );
}

function NobodyHasTo() {
  return (
    <div className="stack">
      <h1>No sign-in is needed</h1>
      <p className="soft">
        This gateway has no admin token, no users and no API tokens, so it answers whoever is at its own machine, and
        nobody else. Make the first user under Settings to open it to others.
      </p>
      <Link to="/overview" className="button button-primary">
        Go to the overview
      </Link>
    </div>
  );
}

function SignIn({ hasUsers }: { hasUsers: boolean }) {
  const [chosen, setWay] = useState<"password" | "token">();
  const way = chosen ?? (hasUsers ? "password" : "token");
  const goOn = useGoOn();
  return (
    <div className="stack">
      <h1>Sign in</h1>
      {way === "password" ? <PasswordForm onDone={goOn} /> : <TokenForm onDone={goOn} />}
      {hasUsers ? (
        <button type="button" className="login-other" onClick={() => setWay(way === "password" ? "token" : "password")}>
          {way === "password" ? "Use a token instead" : "Use a name and password instead"}
        </button>
      ) : (
        <p className="soft small">
          There are no users yet. Sign in with the admin token that the gateway was started with, or an API token, then
          make users under Settings; they sign in by name and password.
        </p>
      )}
    </div>
  );
}

/** Goes to where one was sent from, with nothing left of what an other one saw. */
function useGoOn(): () => Promise<void> {
  const { next } = route.useSearch();
  const router = useRouter();
  return async () => {
    queries.clear();
    const there = next ? new URL(next, window.location.origin) : undefined;
    // Only to pages of this dashboard, whatever a link says.
    const own = there?.origin === window.location.origin && there.pathname !== "/login" ? there : undefined;
    await router.navigate({
      to: (own?.pathname ?? "/overview") as "/overview",
      search: own ? parseSearch(own.search) : {},
      replace: true,
    });
  };
}
