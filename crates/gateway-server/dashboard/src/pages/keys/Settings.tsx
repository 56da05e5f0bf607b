import { type ReactElement, useState } from "react";
import { api, call, messageOf, useChange } from "../../api/client";
import { useMay } from "../../app/session";
import { faultsIn } from "../../lib/faults";
import { Button, toast } from "../../parts";
import { changeOf, keyDraftOf } from "./form/draft";
import { KeyForm } from "./form/KeyForm";
import { fixedBy, KEY_PATHS, type VirtualKey } from "./types";

/** Everything of a key that can be changed. */
export function Settings({ of }: { of: VirtualKey }): ReactElement {
  const [start, setStart] = useState(() => keyDraftOf(of));
  const [draft, setDraft] = useState(start);
  const { why } = useMay("operator");
  const fixed = fixedBy(of);
  const save = useChange(
    () =>
      call(api.PUT("/api/governance/virtual-keys/{id}", { params: { path: { id: of.id } }, body: changeOf(draft) })),
    {
      refreshes: KEY_PATHS,
      says: "Key saved",
      showsError: true,
      done: ({ virtual_key: saved, warnings }) => {
        for (const warning of warnings ?? []) toast.info(warning);
        const now = keyDraftOf(saved);
        setStart(now);
        setDraft(now);
      },
    },
  );
  const faults = faultsIn(save.error ? messageOf(save.error) : undefined);
  const changed = JSON.stringify(changeOf(draft)) !== JSON.stringify(changeOf(start));
  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (changed && !save.isPending && !fixed && !why) save.mutate(undefined);
      }}
    >
      {fixed && <p className="keys-note">{fixed}</p>}
      <KeyForm draft={draft} onChange={setDraft} faults={faults} isNew={false} />
      <div className="keys-save">
        {save.error && (
          <span className="field-error keys-foot-note" role="alert">
            {faults.rest || "See the marked fields."}
          </span>
        )}
        {changed && (
          <Button onClick={() => setDraft(start)} disabled={save.isPending}>
            Discard changes
          </Button>
        )}
        <Button kind="primary" type="submit" busy={save.isPending} disabled={!changed} disabledBecause={fixed ?? why}>
          Save
        </Button>
      </div>
    </form>
  );
}
