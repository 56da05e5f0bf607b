import { type ReactElement, useState } from "react";
import { api, call, useChange } from "../../../api/client";
import { messageOf } from "../../../api/problem";
import { faultsIn, unshown } from "../../../lib/faults";
import { Button, Card, KeyValue, toast } from "../../../parts";
import { AdvancedFields, BaseUrl } from "../form/ConnectionFields";
import { CustomFields } from "../form/CustomFields";
import { bodyOf, draftOf, type ProviderDraft } from "../form/draft";
import { Notes } from "../form/Notes";
import type { Provider } from "../health";
import { useKinds } from "../kinds";

export interface SettingsProps {
  provider: Provider;
  locked: string | undefined;
}

/** How a provider is reached, and what may be asked of it. */
export function Settings({ provider, locked }: SettingsProps): ReactElement {
  const kinds = useKinds();
  const kind = kinds.of(provider.kind);
  const custom = provider.custom_provider_config;
  const [draft, setDraft] = useState(() => formOf(provider, kind?.base_url));
  const [notes, setNotes] = useState<string[]>([]);
  const set = (change: Partial<ProviderDraft>) => setDraft((now) => ({ ...now, ...change }));
  const save = useChange(
    () =>
      call(
        api.PUT("/api/providers/{provider}", {
          params: { path: { provider: provider.name } },
          body: bodyOf(draft, custom?.base_provider_type),
        }),
      ),
    {
      refreshes: ["/api/providers", "/api/models"],
      showsError: true,
      done: (saved) => {
        setNotes(saved.warnings ?? []);
        setDraft(formOf(saved, kind?.base_url));
        toast.ok("Settings saved");
      },
    },
  );
  const faults = faultsIn(save.error ? messageOf(save.error) : undefined);
  const moved = hostOf(draft.baseUrl) !== hostOf(formOf(provider, kind?.base_url).baseUrl);
  const fields = {
    draft,
    set,
    faults,
    kind: kind && custom ? { ...kind, needs_base_url: true } : kind,
  };
  return (
    <form
      className="stack providers-settings"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (locked === undefined && !save.isPending) save.mutate(undefined);
      }}
    >
      <Notes notes={locked ? [locked] : []} />
      <Notes notes={notes} />
      <Notes tone="bad" notes={[unshown(faults, ["network_config", "proxy_config"])]} />
      <Card title="Connection">
        <div className="stack">
          <KeyValue
            columns={2}
            items={[
              ["Kind", kind?.title ?? provider.kind],
              ["Speaks", kind?.speaks.join(", ")],
            ]}
          />
          {(kind?.self_hosted || fields.kind?.needs_base_url) && <BaseUrl {...fields} />}
          {moved && provider.keys.length > 0 && (
            <Notes
              notes={[
                "The host changes: values of its keys and headers do not follow there. Send them again afterwards.",
              ]}
            />
          )}
          {custom && <CustomFields {...fields} requests={kinds.requests} />}
        </div>
      </Card>
      <Card title="Advanced">
        <AdvancedFields {...fields} />
      </Card>
      <div className="row">
        <Button kind="primary" type="submit" busy={save.isPending} disabledBecause={locked}>
          Save settings
        </Button>
        <Button onClick={() => setDraft(formOf(provider, kind?.base_url))}>Discard changes</Button>
      </div>
    </form>
  );
}

/** The address that a kind has anyway is not written into the form: it stays the kind's. */
function formOf(provider: Provider, usual: string | null | undefined): ProviderDraft {
  const draft = draftOf(provider);
  const same = usual && draft.baseUrl.replace(/\/$/, "") === usual.replace(/\/$/, "");
  return same && !provider.custom_provider_config ? { ...draft, baseUrl: "" } : draft;
}

function hostOf(url: string): string {
  try {
    return new URL(url).host;
  } catch {
    return url;
  }
}
