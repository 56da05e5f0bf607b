import { type ReactElement, useState } from "react";
import { api, call, messageOf, useChange } from "../../api/client";
import { faultsIn } from "../../lib/faults";
import { Button, Sheet, toast } from "../../parts";
import { changeOf, choiceOf, type KeyDraft, NEW_KEY } from "./form/draft";
import { KeyForm } from "./form/KeyForm";
import { KEY_PATHS, type VirtualKey } from "./types";

export interface AddKeyProps {
  /** A team or customer that it is to belong to. */
  team?: string | undefined;
  customer?: string | undefined;
  onClose: () => void;
  onMade: (key: VirtualKey) => void;
}

/** The form for a new key. */
export function AddKey({ team = "", customer = "", onClose, onMade }: AddKeyProps): ReactElement {
  const [draft, setDraft] = useState<KeyDraft>({ ...NEW_KEY, team, customer: team ? "" : customer });
  const make = useChange(
    () => call(api.POST("/api/governance/virtual-keys", { body: { ...changeOf(draft), ...choiceOf(draft) } })),
    {
      refreshes: KEY_PATHS,
      showsError: true,
      done: ({ virtual_key: made, warnings }) => {
        for (const warning of warnings ?? []) toast.info(warning);
        onMade(made);
      },
    },
  );
  const faults = faultsIn(make.error ? messageOf(make.error) : undefined);
  return (
    <Sheet
      open
      wide
      onClose={onClose}
      title="New virtual key"
      about="What an application presents instead of a provider's key."
      onSubmit={() => !make.isPending && make.mutate(undefined)}
      actions={
        <>
          {make.error && (
            <span className="field-error keys-foot-note" role="alert">
              {faults.rest || "See the marked fields."}
            </span>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={make.isPending}>
            Create key
          </Button>
        </>
      }
    >
      <KeyForm draft={draft} onChange={setDraft} faults={faults} isNew />
    </Sheet>
  );
}
