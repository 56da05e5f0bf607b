import { type ReactElement, useState } from "react";
import { api, call, useChange } from "../../api/client";
import { messageOf } from "../../api/problem";
import { faultsIn, unshown } from "../../lib/faults";
import { Button, Sheet, SplitBar, toast } from "../../parts";
import { keyBodyOf, keyDraftOf, newKey } from "./form/draft";
import { KeyFields } from "./form/KeyFields";
import { Notes } from "./form/Notes";
import type { Provider, ProviderKey } from "./health";
import { useKinds } from "./kinds";

export interface KeySheetProps {
  provider: Provider;
  /** The key that is edited; none for a new one. */
  known: ProviderKey | undefined;
  locked: string | undefined;
  onClose: () => void;
}

const SHOWN = ["name", "value", "weight", "models", "azure_key_config", "vertex_key_config", "bedrock_key_config"];

/** The form of a key, with the split that its weight results in. */
export function KeySheet({ provider, known, locked, onClose }: KeySheetProps): ReactElement {
  const kind = useKinds().of(provider.kind);
  const [draft, setDraft] = useState(() =>
    known ? keyDraftOf(known) : newKey(`${provider.name}-key-${provider.keys.length + 1}`),
  );
  const [notes, setNotes] = useState<string[]>([]);
  const save = useChange(
    () => {
      const body = keyBodyOf(draft, !known);
      const at = { provider: provider.name };
      return known
        ? call(api.PUT("/api/providers/{provider}/keys/{key}", { params: { path: { ...at, key: known.id } }, body }))
        : call(api.POST("/api/providers/{provider}/keys", { params: { path: at }, body }));
    },
    {
      refreshes: ["/api/providers", "/api/keys", "/api/models"],
      showsError: true,
      done: (saved) => {
        if (saved.warnings?.length) return setNotes(saved.warnings);
        toast.ok(`${saved.name} is saved${saved.usable ? "" : `, and cannot be used: ${saved.status}`}`);
        onClose();
      },
    },
  );
  const faults = faultsIn(save.error ? messageOf(save.error) : undefined);
  const others = provider.keys.filter((key) => key.usable && key.id !== known?.id);
  const split = [
    ...others.map(({ name, weight }) => ({ label: name, weight: weight ?? 1 })),
    { label: draft.name || "this key", weight: draft.enabled ? (draft.weight ?? 1) : 0 },
  ];
  return (
    <Sheet
      open
      onClose={onClose}
      title={known ? `Key ${known.name}` : `New key of ${provider.name}`}
      about={known && !known.usable ? known.status : undefined}
      onSubmit={() => locked === undefined && !save.isPending && save.mutate(undefined)}
      actions={
        <>
          <Button onClick={onClose}>{notes.length > 0 ? "Close" : "Cancel"}</Button>
          <Button kind="primary" type="submit" busy={save.isPending} disabledBecause={locked}>
            {known ? "Save key" : "Add key"}
          </Button>
        </>
      }
    >
      <div className="stack">
        <Notes notes={notes} />
        <Notes tone="bad" notes={[unshown(faults, SHOWN)]} />
        <KeyFields
          draft={draft}
          onChange={setDraft}
          kind={kind}
          faults={faults}
          provider={provider.name}
          known={known !== undefined}
        />
        {others.length > 0 && (
          <section aria-label="Resulting split">
            <h3 className="providers-group">Calls would be split so</h3>
            <SplitBar label="Shares of the keys" parts={split} />
          </section>
        )}
      </div>
    </Sheet>
  );
}
