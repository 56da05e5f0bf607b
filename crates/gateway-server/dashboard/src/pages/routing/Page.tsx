import { getRouteApi } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { useMay } from "../../app/session";
import { Button, PageHeader, Tabs } from "../../parts";
import "./page.css";
import { RuleList } from "./RuleList";
import { RuleSheet } from "./RuleSheet";
import { useRules } from "./rules";
import { WhatIf } from "./WhatIf";

const route = getRouteApi("/routing");

export default function Page(): ReactNode {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { why } = useMay("operator");
  const rules = useRules();
  const open = (rule: string | undefined) => void navigate({ search: (now) => ({ ...now, rule }) });
  return (
    <>
      <PageHeader
        title="Routing"
        about="Rules send calls elsewhere than they ask for. The first that fits decides, within what the caller may use."
        actions={
          <Button kind="primary" icon="plus" disabledBecause={why} onClick={() => open("new")}>
            Add rule
          </Button>
        }
      />
      <Tabs
        label="Routing"
        value={search.tab ?? "rules"}
        onChange={(tab) => void navigate({ search: (now) => ({ ...now, tab: tab === "rules" ? undefined : tab }) })}
        tabs={[
          { value: "rules", label: "Rules", ...(rules.data && { count: rules.data.length }) },
          { value: "what-if", label: "What would happen" },
        ]}
      >
        {search.tab === "what-if" ? <WhatIf /> : <RuleList onOpen={open} />}
      </Tabs>
      {search.rule && <RuleSheet key={search.rule} id={search.rule} onClose={() => open(undefined)} />}
    </>
  );
}
