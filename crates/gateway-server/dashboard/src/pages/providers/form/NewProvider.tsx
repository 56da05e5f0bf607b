import { type ReactElement, useState } from "react";
import { api, call, useChange } from "../../../api/client";
import { messageOf } from "../../../api/problem";
import { faultsAt, faultsIn, unshown } from "../../../lib/faults";
import { plural } from "../../../lib/format";
import { Button, Field, Sheet, TextInput, toast } from "../../../parts";
import type { ProviderKind } from "../health";
import { useKinds } from "../kinds";
import { AdvancedFields, BaseUrl } from "./ConnectionFields";
import { CustomFields } from "./CustomFields";
import { bodyOf, keyBodyOf, NEW_PROVIDER, newKey, type ProviderDraft } from "./draft";
import { KeyFields } from "./KeyFields";
import { Notes } from "./Notes";

export interface NewProviderProps {
  kind: ProviderKind;
  /** Whether the kind is a base type, so that the provider has a name of its own. */
  like: boolean;
  taken: readonly string[];
  onBack: () => void;
  onClose: () => void;
  onDone: (name: string) => void;
}

/** The form of a new provider: what its kind needs, the rest folded away. */
export function NewProvider({ kind, like, taken, onBack, onClose, onDone }: NewProviderProps): ReactElement {
  const { requests } = useKinds();
  const [name, setName] = useState(like ? "" : firstFree(kind.name, taken));
  const [draft, setDraft] = useState<ProviderDraft>(NEW_PROVIDER);
  const [key, setKey] = useState(() => newKey(""));
  const set = (change: Partial<ProviderDraft>) => setDraft((now) => ({ ...now, ...change }));
  // A provider that is not called like its kind is one of the operator's own, which speaks like it.
  const custom = like || name.trim() !== kind.name;
  const writesKey =
    kind.needs_value || key.value !== "" || Object.keys(key.extras).length > 0 || kind.key_fields.length > 0;
  const save = useChange(
    () => {
      const keyName = key.name.trim() || `${name.trim() || kind.name}-key-1`;
      const keys = writesKey && !(custom && draft.keyless) ? [keyBodyOf({ ...key, name: keyName }, true)] : [];
      const body = { provider: name.trim(), keys, ...bodyOf(draft, custom ? kind.name : undefined) };
      return call(api.POST("/api/providers", { body }));
    },
    {
      refreshes: ["/api/providers", "/api/models", "/api/offers"],
      showsError: true,
      done: (saved) => {
        if (saved.warnings?.length) return;
        toast.ok(`${saved.name} is added. ${found(saved.discovery.models)}`);
        onDone(saved.name);
      },
    },
  );
  const faults = faultsIn(save.error ? messageOf(save.error) : undefined);
  const saved = save.data;
  if (saved?.warnings?.length) {
    return (
      <Sheet
        open
        onClose={() => onDone(saved.name)}
        title={`${saved.name} is added`}
        actions={
          <Button kind="primary" onClick={() => onDone(saved.name)}>
            Go to it
          </Button>
        }
      >
        <Notes notes={saved.warnings} />
      </Sheet>
    );
  }
  const fields = {
    draft,
    set,
    faults,
    kind: custom && !like ? { ...kind, needs_base_url: kind.base_url === null } : kind,
  };
  return (
    <Sheet
      open
      onClose={onClose}
      title={`Add ${kind.title}`}
      onSubmit={() => !save.isPending && save.mutate(undefined)}
      actions={
        <>
          <Button icon="left" onClick={onBack}>
            Other kind
          </Button>
          <Button kind="primary" type="submit" busy={save.isPending}>
            Add provider
          </Button>
        </>
      }
    >
      <div className="stack">
        <Notes tone="bad" notes={[unshown(faults, SHOWN)]} />
        <Field
          label="Name"
          required
          error={faults.at.provider}
          hint={
            custom
              ? `Models are asked for as ${name.trim() || "name"}/model. It speaks like ${kind.title}.`
              : `Models are asked for as ${kind.name}/model. Another name makes it a provider of your own that speaks like ${kind.title}.`
          }
        >
          <TextInput mono value={name} onChange={setName} autoFocus={like} placeholder="my-server" />
        </Field>
        {(kind.self_hosted || kind.needs_base_url || custom) && <BaseUrl {...fields} />}
        {!(custom && draft.keyless) && (
          <KeyFields draft={key} onChange={setKey} kind={kind} faults={faultsAt(faults, "keys[0]")} />
        )}
        {custom && <CustomFields {...fields} requests={requests} />}
        <AdvancedFields {...fields} />
      </div>
    </Sheet>
  );
}

/** The fields whose faults are shown beside them. */
const SHOWN = ["provider", "network_config", "proxy_config", "keys[0]"];

function found(models: number): string {
  return models > 0 ? `It lists ${plural(models, "model")}.` : "Its models are being looked up.";
}

function firstFree(name: string, taken: readonly string[]): string {
  if (!taken.includes(name)) return name;
  let number = 2;
  while (taken.includes(`${name}-${number}`)) number += 1;
  return `${name}-${number}`;
}
