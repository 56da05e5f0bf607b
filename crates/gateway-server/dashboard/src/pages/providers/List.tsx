import { useQuery } from "@tanstack/react-query";
import { getRouteApi, Link } from "@tanstack/react-router";
import { type ReactElement, useDeferredValue, useState } from "react";
import { type components, query } from "../../api/client";
import { useMay } from "../../app/session";
import { count, plural } from "../../lib/format";
import {
  Badge,
  Button,
  type Column,
  Duration,
  Empty,
  FilterBar,
  IconButton,
  Money,
  PageHeader,
  SearchInput,
  Segments,
  Status,
  Table,
  Time,
  Tooltip,
} from "../../parts";
import { AddProvider } from "./AddProvider";
import { EnabledSwitch } from "./EnabledSwitch";
import { Coded } from "./form/Coded";
import { masked, ownerOf, type Provider, standingOf } from "./health";
import { useKinds } from "./kinds";
import { Offers } from "./Offers";
import { TestDialog } from "./TestDialog";

type Share = components["schemas"]["ProviderShare"];

const route = getRouteApi("/providers");

/** Every provider with how it stands and what it did in the last hour. */
export function List(): ReactElement {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const set = (change: Partial<typeof search>, replace = true) =>
    navigate({ search: (now) => ({ ...now, ...change }), replace });
  const { why } = useMay("operator");
  const providers = useQuery({ ...query("/api/providers"), refetchInterval: 15_000 });
  const health = useQuery({ ...query("/api/health/deployments"), refetchInterval: 10_000 });
  const hour = useQuery({ ...query("/api/overview", { params: { query: { minutes: 60 } } }), refetchInterval: 30_000 });
  const [tested, setTested] = useState<Provider>();
  const words = useDeferredValue(search.q ?? "").toLowerCase();
  const all = providers.data?.providers;
  const deployments = health.data?.deployments;
  const rows = all?.filter((provider) => isShown(provider) && hasWords(provider, words));

  function isShown(provider: Provider): boolean {
    if (search.show === "self-hosted") return provider.self_hosted;
    if (search.show === "cloud") return !provider.self_hosted;
    if (search.show === "trouble") return ["bad", "warn"].includes(standingOf(provider, deployments).tone);
    return true;
  }

  const shares = new Map(hour.data?.providers.map((share) => [share.provider, share]));
  return (
    <div className="stack">
      <PageHeader
        title="Providers"
        about="Where models are: your own servers and clouds, each with its keys."
        actions={
          <Button kind="primary" icon="plus" disabledBecause={why} onClick={() => set({ add: "choose" }, false)}>
            Add provider
          </Button>
        }
      />
      <Offers />
      {all?.length !== 0 && (
        <FilterBar onClear={search.q || search.show ? () => set({ q: undefined, show: undefined }) : undefined}>
          <SearchInput label="Search providers" value={search.q ?? ""} onChange={(q) => set({ q: q || undefined })} />
          <Segments
            label="Which providers"
            value={search.show ?? "all"}
            onChange={(show) => set({ show: show === "all" ? undefined : show })}
            options={[
              { value: "all", label: "All" },
              { value: "self-hosted", label: "Self-hosted" },
              { value: "cloud", label: "Cloud" },
              { value: "trouble", label: "In trouble" },
            ]}
          />
        </FilterBar>
      )}
      <Table
        caption="Providers"
        columns={useColumns(shares, deployments, setTested)}
        rows={rows}
        rowKey={(provider) => provider.name}
        rowTone={(provider) => (provider.enabled ? undefined : "muted")}
        onOpen={(provider) => navigate({ to: "/providers/$name", params: { name: provider.name } })}
        error={providers.error}
        onRetry={() => void providers.refetch()}
        empty={
          all?.length ? (
            <Empty title="No provider fits" icon="filter">
              Take a filter away to see the others.
            </Empty>
          ) : (
            <Empty
              title="No provider yet"
              icon="providers"
              action={
                <Button kind="primary" icon="plus" disabledBecause={why} onClick={() => set({ add: "choose" }, false)}>
                  Add provider
                </Button>
              }
            >
              Add a cloud with its key, or a server of your own with its address. Providers whose usual variable is set
              when the gateway starts (<code>OPENAI_API_KEY</code> and others) are here at once.
            </Empty>
          )
        }
      />
      {search.add !== undefined && (
        <AddProvider
          chosen={search.add}
          taken={all?.map((provider) => provider.name) ?? []}
          onChoose={(add) => set({ add })}
          onClose={() => set({ add: undefined })}
          onDone={(name) => navigate({ to: "/providers/$name", params: { name } })}
        />
      )}
      {tested && <TestDialog provider={tested} onClose={() => setTested(undefined)} />}
    </div>
  );
}

function hasWords(provider: Provider, words: string): boolean {
  const { name, kind, network_config } = provider;
  return [name, kind, network_config.base_url ?? ""].some((text) => text.toLowerCase().includes(words));
}

function useColumns(
  shares: ReadonlyMap<string | null, Share>,
  deployments: components["schemas"]["DeploymentHealth"][] | undefined,
  onTest: (provider: Provider) => void,
): Column<Provider>[] {
  const { why } = useMay("operator");
  const title = useKinds().title;
  const share = (provider: Provider) => shares.get(provider.name);
  return [
    {
      id: "name",
      head: "Provider",
      names: true,
      cell: (provider) => <NameCell provider={provider} title={title(provider.kind)} />,
    },
    { id: "health", head: "Health", cell: (provider) => <Standing provider={provider} deployments={deployments} /> },
    { id: "keys", head: "Keys", cell: (provider) => <KeysCell provider={provider} />, wideOnly: true },
    {
      id: "models",
      head: "Models",
      align: "end",
      wideOnly: true,
      cell: ({ discovery }) =>
        discovery.at ? (
          <span title="Listed by the provider">
            {count(discovery.models)}
            <span className="providers-under">
              <Time value={discovery.at} as="ago" />
            </span>
          </span>
        ) : (
          <span className="faint" title={discovery.error ?? "No list is known; the catalogue's models are taken"}>
            –
          </span>
        ),
    },
    {
      id: "requests",
      head: "Requests, 1 h",
      align: "end",
      wideOnly: true,
      cell: (provider) => count(share(provider)?.total_requests ?? 0),
    },
    {
      id: "errors",
      head: "Errors",
      align: "end",
      wideOnly: true,
      cell: (provider) => <Errors share={share(provider)} />,
    },
    {
      id: "latency",
      head: "p95",
      align: "end",
      wideOnly: true,
      cell: (provider) => <Duration value={share(provider)?.p95_latency} />,
    },
    {
      id: "cost",
      head: "Cost",
      align: "end",
      wideOnly: true,
      cell: (provider) => <Money value={share(provider)?.total_cost ?? 0} />,
    },
    {
      id: "actions",
      head: <span className="sr-only">Actions</span>,
      align: "end",
      cell: (provider) => (
        <span className="providers-actions">
          <IconButton
            icon="bolt"
            size="small"
            label={`Test ${provider.name}`}
            disabledBecause={why}
            onClick={() => onTest(provider)}
          />
          <EnabledSwitch provider={provider} />
        </span>
      ),
    },
  ];
}

function NameCell({ provider, title }: { provider: Provider; title: string }) {
  const owner = ownerOf(provider);
  return (
    <div className="providers-name">
      <span className="row">
        <Link to="/providers/$name" params={{ name: provider.name }}>
          {provider.name}
        </Link>
        {provider.self_hosted && <Badge tone="info">self-hosted</Badge>}
        {owner.file && (
          <Tooltip text={`Declared in ${owner.file}: change it there`}>
            <span>
              <Badge>file</Badge>
            </span>
          </Tooltip>
        )}
        {owner.environment && <Badge>environment</Badge>}
      </span>
      <span className="providers-under">
        {title}
        {provider.network_config.base_url && ` · ${provider.network_config.base_url}`}
      </span>
    </div>
  );
}

function Standing({ provider, deployments }: { provider: Provider; deployments: Parameters<typeof standingOf>[1] }) {
  const { tone, word, why } = standingOf(provider, deployments);
  return (
    <div className="providers-standing">
      <Status tone={tone}>{word}</Status>
      {why && (
        <span className="providers-under providers-clamped" title={why}>
          <Coded text={why} />
        </span>
      )}
    </div>
  );
}

function KeysCell({ provider }: { provider: Provider }) {
  const [first, ...others] = provider.keys;
  if (!first) return <span className="faint">{provider.provider_status === "error" ? "none" : "takes none"}</span>;
  const ready = provider.keys.filter((key) => key.usable).length;
  return (
    <div>
      <span className="mono small">{first.value ? masked(first.value) : first.name}</span>
      <span className="providers-under">
        {others.length > 0 ? `and ${plural(others.length, "more key", "more keys")} · ` : ""}
        {ready === provider.keys.length ? "ready" : `${ready} of ${provider.keys.length} ready`}
      </span>
    </div>
  );
}

function Errors({ share }: { share: Share | undefined }) {
  if (!share || share.total_requests === 0) return <span className="faint">–</span>;
  const part = 100 - share.success_rate;
  return (
    <span className={part >= 5 ? "status-bad" : undefined} title={plural(share.errors, "error")}>
      {Number(part.toFixed(1))}%
    </span>
  );
}
