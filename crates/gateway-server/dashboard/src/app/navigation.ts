// Where one can go: the groups of the navigation, with the letter that goes there after `g`.

import type { IconName } from "../parts";

export type PagePath =
  | "/overview"
  | "/logs"
  | "/providers"
  | "/models"
  | "/routing"
  | "/playground"
  | "/keys"
  | "/teams"
  | "/customers"
  | "/settings"
  | "/api";

export interface Place {
  to: PagePath;
  label: string;
  icon: IconName;
  /** `g`, then this. */
  key: string;
}

export interface Group {
  label: string;
  places: readonly Place[];
}

export const GROUPS: readonly Group[] = [
  {
    label: "Observe",
    places: [
      { to: "/overview", label: "Overview", icon: "overview", key: "o" },
      { to: "/logs", label: "Logs", icon: "logs", key: "l" },
    ],
  },
  {
    label: "Build",
    places: [
      { to: "/providers", label: "Providers", icon: "providers", key: "p" },
      { to: "/models", label: "Models", icon: "models", key: "m" },
      { to: "/routing", label: "Routing", icon: "routing", key: "r" },
      { to: "/playground", label: "Playground", icon: "playground", key: "y" },
    ],
  },
  {
    label: "Govern",
    places: [
      { to: "/keys", label: "Virtual keys", icon: "keys", key: "k" },
      { to: "/teams", label: "Teams", icon: "teams", key: "t" },
      { to: "/customers", label: "Customers", icon: "customers", key: "c" },
    ],
  },
  {
    label: "Manage",
    places: [
      { to: "/settings", label: "Settings", icon: "settings", key: "s" },
      { to: "/api", label: "API", icon: "api", key: "a" },
    ],
  },
];

export const PLACES: readonly Place[] = GROUPS.flatMap((group) => group.places);
