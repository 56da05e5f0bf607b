import type { ReactElement, ReactNode } from "react";
import { messageOf } from "../../api/client";
import { type Faults, faultsIn, unshown } from "../../lib/faults";
import { Button, Dialog } from "../../parts";

export interface EntryDialogProps {
  /** `user`: what is added. */
  what: string;
  /** The name of the one that is changed; without it, one is added. */
  name: string | undefined;
  onClose: () => void;
  saving: { mutate: (input: undefined) => void; isPending: boolean; error: Error | null };
  /** The fields that are shown: what is wrong with others is told below them. */
  shows: readonly string[];
  fields: (faults: Faults) => ReactNode;
}

/** The small form in which a user or a token is made or changed. */
export function EntryDialog({ what, name, onClose, saving, shows, fields }: EntryDialogProps): ReactElement {
  const faults = faultsIn(saving.error ? messageOf(saving.error) : undefined);
  return (
    <Dialog
      open
      onClose={onClose}
      title={name ?? `Add ${/^[aeio]/i.test(what) ? "an" : "a"} ${what}`}
      onSubmit={() => !saving.isPending && saving.mutate(undefined)}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={saving.isPending}>
            {name === undefined ? `Add ${what.replace("API ", "")}` : "Save"}
          </Button>
        </>
      }
    >
      <div className="stack">
        {fields(faults)}
        {saving.error && (
          <p className="field-error" role="alert">
            {unshown(faults, shows)}
          </p>
        )}
      </div>
    </Dialog>
  );
}
