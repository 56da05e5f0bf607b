import { getRouteApi } from "@tanstack/react-router";
import type { ReactElement } from "react";
import "./page.css";
import { useMay } from "../../app/session";
import { Button, PageHeader, Tabs } from "../../parts";
import { Catalogue } from "./Catalogue";
import { ModelSheet } from "./ModelSheet";
import { OverrideSheet } from "./OverrideSheet";
import { Overrides } from "./Overrides";

const route = getRouteApi("/models");

/** What models there are, what each can do and costs, and the prices that are set here. */
export default function Page(): ReactElement {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { why } = useMay("operator");
  const view = search.view ?? "catalogue";
  const set = (change: Partial<typeof search>, replace = false) =>
    navigate({ search: (now) => ({ ...now, ...change }), replace });
  return (
    <div className="stack">
      <PageHeader
        title="Models"
        about="What is served here and what it costs, in dollars per million tokens."
        actions={
          <Button icon="tag" disabledBecause={why} onClick={() => set({ price: "new" })}>
            Set a price
          </Button>
        }
      />
      <Tabs
        label="Models"
        value={view}
        onChange={(next) => set({ view: next === "catalogue" ? undefined : next }, true)}
        tabs={[
          { value: "catalogue", label: "Catalogue" },
          { value: "overrides", label: "Prices set here" },
        ]}
      >
        {view === "catalogue" ? <Catalogue /> : <Overrides />}
      </Tabs>
      {search.open !== undefined && search.price === undefined && (
        <ModelSheet
          key={search.open}
          at={search.open}
          onPrice={(price) => set({ price })}
          onClose={() => set({ open: undefined })}
        />
      )}
      {search.price !== undefined && (
        <OverrideSheet
          key={search.price}
          id={search.price === "new" ? undefined : search.price}
          at={search.open}
          onClose={() => set({ price: undefined })}
        />
      )}
    </div>
  );
}
