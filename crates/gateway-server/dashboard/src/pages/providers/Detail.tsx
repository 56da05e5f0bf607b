import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import { ApiProblem, query } from "../../api/client";
import { useMay } from "../../app/session";
import { Badge, Button, Empty, IconButton, Loading, Menu, PageHeader, Problem, Status, Tabs } from "../../parts";
import { DeleteDialog } from "./DeleteDialog";
import { EnabledSwitch } from "./EnabledSwitch";
import { Coded } from "./form/Coded";
import { ownerOf, type Provider, standingOf } from "./health";
import { useKinds } from "./kinds";
import { TestDialog } from "./TestDialog";
import { Keys } from "./tabs/Keys";
import { Limits } from "./tabs/Limits";
import { Models } from "./tabs/Models";
import { Overview } from "./tabs/Overview";
import { Settings } from "./tabs/Settings";
import { Uses } from "./tabs/Uses";

const route = getRouteApi("/providers/$name");

/** One provider: how it stands, its keys, models, settings, limits, and who counts on it. */
export function Detail({ name }: { name: string }): ReactElement {
  const path = { params: { path: { provider: name } } };
  const provider = useQuery({ ...query("/api/providers/{provider}", path), refetchInterval: 15_000 });
  if (provider.data) return <Known provider={provider.data} />;
  if (provider.error instanceof ApiProblem && provider.error.status === 404) {
    return (
      <div className="stack">
        <PageHeader title={name} />
        <Empty
          title={`There is no provider ${name}`}
          icon="providers"
          action={<Link to="/providers">All providers</Link>}
        >
          It was deleted, or never there.
        </Empty>
      </div>
    );
  }
  return (
    <div className="stack">
      <PageHeader title={name} />
      {provider.error ? (
        <Problem error={provider.error} onRetry={() => void provider.refetch()} />
      ) : (
        <Loading lines={6} />
      )}
    </div>
  );
}

function Known({ provider }: { provider: Provider }) {
  const { name } = provider;
  const { tab = "overview" } = route.useSearch();
  const navigate = route.useNavigate();
  const health = useQuery({ ...query("/api/health/deployments"), refetchInterval: 10_000 });
  const { why } = useMay("operator");
  const { title } = useKinds();
  const [open, setOpen] = useState<"test" | "delete">();
  const owner = ownerOf(provider);
  const belongs = owner.file === undefined ? undefined : `It is declared in ${owner.file}: change it there.`;
  const standing = standingOf(provider, health.data?.deployments);
  return (
    <div className="stack">
      <nav aria-label="Breadcrumb" className="small">
        <Link to="/providers">Providers</Link>
      </nav>
      <PageHeader
        title={name}
        about={
          <span className="row">
            <Status tone={standing.tone}>{standing.word}</Status>
            <span>{title(provider.kind)}</span>
            {provider.self_hosted && <Badge tone="info">self-hosted</Badge>}
            {owner.environment && <Badge>from the environment</Badge>}
            {owner.file && <Badge>{`declared in ${owner.file}`}</Badge>}
          </span>
        }
        actions={
          <>
            <EnabledSwitch provider={provider} withText />
            <Button icon="bolt" disabledBecause={why} onClick={() => setOpen("test")}>
              Test
            </Button>
            <Menu
              trigger={<IconButton icon="more" label="More" kind="plain" />}
              items={[
                {
                  label: "Edit settings",
                  icon: "edit",
                  onSelect: () => void navigate({ search: { tab: "settings" } }),
                },
                {
                  label: "Add a key",
                  icon: "plus",
                  disabledBecause: why ?? belongs,
                  onSelect: () => void navigate({ search: { tab: "keys", key: "new" } }),
                },
                "-",
                {
                  label: "Delete",
                  icon: "trash",
                  danger: true,
                  disabledBecause: why ?? belongs,
                  onSelect: () => setOpen("delete"),
                },
              ]}
            />
          </>
        }
      />
      {standing.why && (
        <p className={`providers-why providers-why-${standing.tone}`}>
          <Coded text={standing.why} />
        </p>
      )}
      <Tabs
        label={`About ${name}`}
        value={tab}
        onChange={(next) => navigate({ search: { tab: next }, replace: true })}
        tabs={[
          { value: "overview", label: "Overview" },
          { value: "keys", label: "Keys", count: provider.keys.length },
          { value: "models", label: "Models", count: provider.discovery.models },
          { value: "settings", label: "Settings" },
          { value: "limits", label: "Limits" },
          { value: "uses", label: "Used by" },
        ]}
      >
        {tab === "overview" && <Overview provider={provider} deployments={health} />}
        {tab === "keys" && <Keys provider={provider} locked={why ?? belongs} />}
        {tab === "models" && <Models provider={provider} />}
        {tab === "settings" && <Settings key={provider.origin} provider={provider} locked={why ?? belongs} />}
        {tab === "limits" && <Limits name={name} />}
        {tab === "uses" && <Uses name={name} />}
      </Tabs>
      {open === "test" && <TestDialog provider={provider} onClose={() => setOpen(undefined)} />}
      {open === "delete" && (
        <DeleteDialog
          provider={provider}
          onClose={() => setOpen(undefined)}
          onDone={() => void navigate({ to: "/providers" })}
        />
      )}
    </div>
  );
}
