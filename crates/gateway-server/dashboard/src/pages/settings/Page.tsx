import { getRouteApi } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useMay } from "../../app/session";
import { Empty, PageHeader, Tabs } from "../../parts";
import { Audit } from "./Audit";
import { DocumentTab } from "./DocumentTab";
import { General } from "./General";
import { Ledger } from "./Ledger";
import "./page.css";
import { Revisions } from "./Revisions";
import type { SettingsSearch } from "./search";
import { Tokens } from "./Tokens";
import { Users } from "./Users";

const route = getRouteApi("/settings");

export interface TabProps {
  search: SettingsSearch;
  /** Puts something into the address. */
  set: (change: { [K in keyof SettingsSearch]?: SettingsSearch[K] | undefined }) => void;
}

const TABS = [
  { value: "general", label: "General", needs: "viewer", shows: General },
  { value: "users", label: "Users", needs: "admin", shows: Users },
  { value: "tokens", label: "API tokens", needs: "admin", shows: Tokens },
  { value: "audit", label: "Audit log", needs: "admin", shows: Audit },
  { value: "ledger", label: "Ledger", needs: "viewer", shows: Ledger },
  { value: "revisions", label: "Revisions", needs: "viewer", shows: Revisions },
  { value: "document", label: "Document", needs: "admin", shows: DocumentTab },
] as const;

/** What holds for the whole gateway, who may change it, and what was changed. */
export default function Page(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const admin = useMay("admin");
  const open = search.tab ?? "general";
  const { needs, shows: Shown } = TABS.find((tab) => tab.value === open) ?? TABS[0];
  const set: TabProps["set"] = (change) =>
    void navigate({ search: (now) => ({ ...now, ...change }) as SettingsSearch, replace: true });
  return (
    <div className="stack settings">
      <PageHeader title="Settings" />
      <Tabs
        label="Settings"
        value={open}
        tabs={TABS}
        // What belongs to the other tab does not come along.
        onChange={(tab) => void navigate({ search: { tab } })}
      >
        {needs === "admin" && !admin.may ? (
          <Empty title="Only for admins" icon="lock">
            {admin.why}
          </Empty>
        ) : (
          <Shown search={search} set={set} />
        )}
      </Tabs>
    </div>
  );
}
