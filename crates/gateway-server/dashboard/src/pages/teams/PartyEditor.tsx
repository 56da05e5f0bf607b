// Making and changing a team or a customer: the form in its frame, with saving and what goes wrong.

import { type ReactElement, type ReactNode, useState } from "react";
import { messageOf, useChange } from "../../api/client";
import { useMay } from "../../app/session";
import { type Faults, faultsIn } from "../../lib/faults";
import { Button, Sheet, toast } from "../../parts";
import { NEW_PARTY, type PartyDraft, PartyForm } from "./PartyForm";

interface Common {
  /** `team`. */
  what: string;
  example: string;
  save: (draft: PartyDraft) => Promise<{ warnings?: string[] }>;
  /** A field of its own. */
  field?: (draft: PartyDraft, set: (change: Partial<PartyDraft>) => void, faults: Faults) => ReactNode;
}

function useSaving(save: Common["save"], says: string, done?: () => void) {
  const saving = useChange(save, {
    refreshes: ["/api/governance"],
    says,
    showsError: true,
    done: ({ warnings }) => {
      for (const warning of warnings ?? []) toast.info(warning);
      done?.();
    },
  });
  return { saving, faults: faultsIn(saving.error ? messageOf(saving.error) : undefined) };
}

/** The form for a new one. */
export function AddParty({ what, example, save, field, onClose }: Common & { onClose: () => void }): ReactElement {
  const [draft, setDraft] = useState(NEW_PARTY);
  const { saving, faults } = useSaving(save, `${draft.name} is there`, onClose);
  return (
    <Sheet
      open
      wide
      onClose={onClose}
      title={`New ${what}`}
      onSubmit={() => !saving.isPending && saving.mutate(draft)}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={saving.isPending}>
            Create {what}
          </Button>
        </>
      }
    >
      <PartyForm draft={draft} onChange={setDraft} faults={faults} isNew example={example}>
        {field?.(draft, (change) => setDraft({ ...draft, ...change }), faults)}
      </PartyForm>
    </Sheet>
  );
}

export interface EditPartyProps extends Common {
  of: PartyDraft;
  /** Why it cannot be changed here. */
  fixed: string | undefined;
}

/** The form of one that is there. */
export function EditParty({ what, example, save, field, of, fixed }: EditPartyProps): ReactElement {
  const [start, setStart] = useState(of);
  const [draft, setDraft] = useState(of);
  const { why } = useMay("operator");
  const { saving, faults } = useSaving(save, `${draft.name} is saved`, () => setStart(draft));
  const changed = JSON.stringify(draft) !== JSON.stringify(start);
  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (changed && !saving.isPending && !fixed && !why) saving.mutate(draft);
      }}
    >
      {fixed && <p className="soft">{fixed}</p>}
      <PartyForm draft={draft} onChange={setDraft} faults={faults} isNew={false} example={example}>
        {field?.(draft, (change) => setDraft({ ...draft, ...change }), faults)}
      </PartyForm>
      <div className="teams-save">
        {changed && <Button onClick={() => setDraft(start)}>Discard changes</Button>}
        <Button kind="primary" type="submit" busy={saving.isPending} disabled={!changed} disabledBecause={fixed ?? why}>
          Save {what}
        </Button>
      </div>
    </form>
  );
}
