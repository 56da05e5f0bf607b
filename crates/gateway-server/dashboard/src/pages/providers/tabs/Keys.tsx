import { getRouteApi } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import { api, call, useChange } from "../../../api/client";
import { useMay } from "../../../app/session";
import { count, plural } from "../../../lib/format";
import {
  Button,
  Card,
  type Column,
  ConfirmDialog,
  Empty,
  IconButton,
  Menu,
  SplitBar,
  Status,
  Switch,
  Table,
  Time,
} from "../../../parts";
import { Coded } from "../form/Coded";
import { masked, type Provider, type ProviderKey, sentence } from "../health";
import { KeySheet } from "../KeySheet";
import { TestDialog } from "../TestDialog";

const route = getRouteApi("/providers/$name");

export interface KeysProps {
  provider: Provider;
  /** Why nothing can be changed, where it cannot. */
  locked: string | undefined;
}

/** The keys of a provider, and how calls are split among those that can be used. */
export function Keys({ provider, locked }: KeysProps): ReactElement {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const edit = (key: string | undefined) => navigate({ search: { tab: "keys", key } });
  const [tested, setTested] = useState<ProviderKey>();
  const [removed, setRemoved] = useState<ProviderKey>();
  const path = (key: ProviderKey) => ({ params: { path: { provider: provider.name, key: key.id } } });
  const remove = useChange((key: ProviderKey) => call(api.DELETE("/api/providers/{provider}/keys/{key}", path(key))), {
    refreshes: ["/api/providers", "/api/keys", "/api/models"],
    says: (_, key) => `${key.name} is deleted`,
    showsError: true,
  });
  const opened = search.key === "new" ? undefined : provider.keys.find((key) => key.id === search.key);
  const usable = provider.keys.filter((key) => key.usable);
  return (
    <div className="stack">
      {usable.length > 1 && (
        <Card
          title="How calls are split"
          about="By weight, among the keys that can be used. A model goes only to keys that are for it."
        >
          <SplitBar
            label="Shares of the keys"
            parts={usable.map(({ name, weight }) => ({ label: name, weight: weight ?? 1 }))}
          />
        </Card>
      )}
      <Card
        title="Keys"
        flush
        actions={
          <Button size="small" icon="plus" disabledBecause={locked} onClick={() => edit("new")}>
            Add key
          </Button>
        }
      >
        <Table
          caption={`Keys of ${provider.name}`}
          columns={useColumns(provider, locked, { test: setTested, remove: setRemoved, edit: (key) => edit(key.id) })}
          rows={provider.keys}
          rowKey={(key) => key.id}
          rowTone={(key) => (key.enabled === false ? "muted" : key.usable ? undefined : "bad")}
          onOpen={(key) => edit(key.id)}
          openKey={search.key}
          empty={
            <Empty
              title="No key"
              icon="keys"
              action={
                <Button icon="plus" disabledBecause={locked} onClick={() => edit("new")}>
                  Add key
                </Button>
              }
            >
              {provider.provider_status === "error"
                ? "Without one no call can go to this provider."
                : "This provider is called without one."}
            </Empty>
          }
        />
      </Card>
      {search.key !== undefined && (opened || search.key === "new") && (
        <KeySheet key={search.key} provider={provider} known={opened} locked={locked} onClose={() => edit(undefined)} />
      )}
      {tested && <TestDialog provider={provider} ofKey={tested} onClose={() => setTested(undefined)} />}
      {removed && (
        <ConfirmDialog
          open
          onClose={() => setRemoved(undefined)}
          title={`Delete the key ${removed.name}?`}
          action="Delete key"
          onConfirm={() => remove.mutateAsync(removed)}
        >
          {usable.some((key) => key.id !== removed.id)
            ? "Calls go on with the other keys. Virtual keys that may use this one alone find none."
            : `It is the only key that can be used: no call can go to ${provider.name} without it.`}
        </ConfirmDialog>
      )}
    </div>
  );
}

interface Acts {
  test: (key: ProviderKey) => void;
  remove: (key: ProviderKey) => void;
  edit: (key: ProviderKey) => void;
}

function useColumns(provider: Provider, locked: string | undefined, acts: Acts): Column<ProviderKey>[] {
  const { why } = useMay("operator");
  const change = useChange(
    ({ key, enabled }: { key: ProviderKey; enabled: boolean }) =>
      call(
        api.PUT("/api/providers/{provider}/keys/{key}", {
          params: { path: { provider: provider.name, key: key.id } },
          body: { enabled },
        }),
      ),
    {
      refreshes: ["/api/providers", "/api/keys", "/api/models"],
      says: (_, { key, enabled }) => `${key.name} ${enabled ? "may be used again" : "is disabled"}`,
    },
  );
  return [
    {
      id: "name",
      head: "Key",
      names: true,
      cell: (key) => (
        <div>
          {key.name}
          {key.value && <span className="providers-under mono">{masked(key.value)}</span>}
        </div>
      ),
    },
    {
      id: "state",
      head: "State",
      cell: (key) => (
        <Status tone={key.enabled === false ? "muted" : key.usable ? "ok" : "bad"}>
          {key.usable ? "Ready" : <Coded text={sentence(key.status)} />}
        </Status>
      ),
    },
    { id: "weight", head: "Weight", align: "end", cell: ({ weight }) => count(weight ?? 1) },
    {
      id: "models",
      head: "For",
      wideOnly: true,
      cell: ({ models }) =>
        models.length === 0 ? (
          <span className="soft">all models</span>
        ) : (
          <span title={models.join(", ")}>{plural(models.length, "model")}</span>
        ),
    },
    {
      id: "discovered",
      head: "Lists",
      wideOnly: true,
      cell: ({ discovery }) =>
        discovery.at ? (
          <span>
            {plural(discovery.models, "model")}
            <span className="providers-under">
              <Time value={discovery.at} as="ago" />
            </span>
          </span>
        ) : (
          <span className="faint wrap-anywhere">{discovery.error ?? "not known"}</span>
        ),
    },
    {
      id: "actions",
      head: <span className="sr-only">Actions</span>,
      align: "end",
      cell: (key) => (
        <span className="providers-actions">
          <IconButton
            icon="bolt"
            size="small"
            label={`Test ${key.name}`}
            disabledBecause={why}
            onClick={() => acts.test(key)}
          />
          <Switch
            label={`${key.name} may be used`}
            hideLabel
            checked={key.enabled !== false}
            disabled={locked !== undefined || change.isPending}
            onChange={(enabled) => change.mutate({ key, enabled })}
          />
          <Menu
            trigger={<IconButton icon="more" size="small" label={`More about ${key.name}`} />}
            items={[
              { label: "Edit", icon: "edit", onSelect: () => acts.edit(key) },
              {
                label: "Delete",
                icon: "trash",
                danger: true,
                disabledBecause: locked,
                onSelect: () => acts.remove(key),
              },
            ]}
          />
        </span>
      ),
    },
  ];
}
