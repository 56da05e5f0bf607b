// The one table of pages. A page is a folder: `search.ts` says what its address may hold, `Page.tsx` is loaded when it
// is opened. In a page: `const route = getRouteApi("/logs")`, then `route.useSearch()` and `route.useNavigate()`.

import {
  type AnyRoute,
  createRootRoute,
  createRoute,
  createRouter,
  lazyRouteComponent,
  redirect,
} from "@tanstack/react-router";
import type { ComponentType } from "react";
import { queries, query, whenUnknown } from "./api/client";
import { PageFailed, PageLoading, PageUnknown } from "./app/Fallbacks";
import { Frame } from "./app/Frame";
import { parseSearch, stringifySearch } from "./lib/search";
import { validateSearch as api } from "./pages/api/search";
import { validateSearch as customers } from "./pages/customers/search";
import { validateSearch as keys } from "./pages/keys/search";
import { validateSearch as login } from "./pages/login/search";
import { validateSearch as logs } from "./pages/logs/search";
import { validateSearch as models } from "./pages/models/search";
import { validateSearch as overview } from "./pages/overview/search";
import { validateSearch as playground } from "./pages/playground/search";
import { validateSearch as providers } from "./pages/providers/search";
import { validateSearch as routing } from "./pages/routing/search";
import { validateSearch as settings } from "./pages/settings/search";
import { validateSearch as teams } from "./pages/teams/search";
import { validateSearch as welcome } from "./pages/welcome/search";

declare module "@tanstack/react-router" {
  interface Register {
    router: typeof router;
  }
  interface StaticDataRouteOption {
    title?: string;
    /** Shown without navigation. */
    bare?: boolean;
  }
}

const root = createRootRoute({
  component: Frame,
  notFoundComponent: PageUnknown,
  errorComponent: PageFailed,
  beforeLoad: async ({ location }) => {
    if (location.pathname !== "/login" && (await mustSignIn())) {
      throw redirect({ to: "/login", search: { next: location.href }, replace: true });
    }
  },
});

/** Whether nobody knows yet who is there. Asked once; later a page's own call tells (`whenUnknown`). */
async function mustSignIn(): Promise<boolean> {
  const guarded = { ...query("/api/session/is-auth-enabled"), retry: false };
  const answer = await queries.ensureQueryData(guarded).catch(() => undefined);
  return answer?.is_auth_enabled === true && !answer.has_valid_token;
}

/** A page that is loaded when it is opened. What its component is made of is no business of the table's types. */
function lazy(load: () => Promise<{ default: unknown }>) {
  return lazyRouteComponent(load as () => Promise<{ default: ComponentType }>);
}

function page<const P extends string, S extends object>(
  path: P,
  title: string,
  validateSearch: (raw: Record<string, unknown>) => S,
  load: () => Promise<{ default: unknown }>,
  how: { bare?: boolean } = {},
) {
  return createRoute({
    getParentRoute: () => root,
    path,
    validateSearch,
    component: lazy(load),
    staticData: { title, ...how },
  });
}

const index = createRoute({
  getParentRoute: () => root,
  path: "/",
  beforeLoad: () => {
    throw redirect({ to: "/overview", replace: true });
  },
});

const logsPage = page("/logs", "Logs", logs, () => import("./pages/logs/Page"));
/** A row opens over the list, which stays there below it. */
const logEntry = createRoute({ getParentRoute: () => logsPage, path: "$id", staticData: { title: "Log entry" } });

const routeTree = root.addChildren([
  index,
  page("/overview", "Overview", overview, () => import("./pages/overview/Page")),
  logsPage.addChildren([logEntry]),
  page("/providers", "Providers", providers, () => import("./pages/providers/Page")),
  page("/providers/$name", "Provider", providers, () => import("./pages/providers/Page")),
  page("/models", "Models", models, () => import("./pages/models/Page")),
  page("/routing", "Routing", routing, () => import("./pages/routing/Page")),
  page("/playground", "Playground", playground, () => import("./pages/playground/Page")),
  page("/keys", "Virtual keys", keys, () => import("./pages/keys/Page")),
  page("/teams", "Teams", teams, () => import("./pages/teams/Page")),
  page("/customers", "Customers", customers, () => import("./pages/customers/Page")),
  page("/settings", "Settings", settings, () => import("./pages/settings/Page")),
  page("/api", "API", api, () => import("./pages/api/Page")),
  page("/welcome", "Welcome", welcome, () => import("./pages/welcome/Page")),
  page("/login", "Sign in", login, () => import("./pages/login/Page"), { bare: true }),
]);

export const router = createRouter({
  routeTree,
  basepath: "/ui",
  parseSearch,
  stringifySearch,
  scrollRestoration: true,
  defaultPreload: "intent",
  defaultPendingComponent: PageLoading,
  defaultErrorComponent: PageFailed,
  defaultNotFoundComponent: PageUnknown,
});

whenUnknown(() => {
  const { pathname, href } = router.state.location;
  if (pathname !== "/login") void router.navigate({ to: "/login", search: { next: href } });
});

/** The title of the page that is open. */
export function titleOf(matches: { staticData: AnyRoute["options"]["staticData"] }[]): string {
  return matches.findLast((match) => match.staticData?.title)?.staticData?.title ?? "Gateway";
}
