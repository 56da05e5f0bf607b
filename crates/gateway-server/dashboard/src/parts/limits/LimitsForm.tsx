import { type ReactElement, type ReactNode, useState } from "react";
import { messageOf, useChange } from "../../api/client";
import { faultsIn, unshown } from "../../lib/faults";
import { Button } from "../Button";
import { draftOf, limitsOf, type WithLimits } from "./draft";
import { LimitsEditor } from "./LimitsEditor";

export interface LimitsFormProps {
  /** What there is, where it is changed. */
  limits: WithLimits | undefined;
  save: (limits: ReturnType<typeof limitsOf>) => Promise<unknown>;
  /** The paths whose answers change with it. */
  refreshes: string[];
  /** It is saved, or let be. */
  onDone: () => void;
  /** What else is asked, before the limits. */
  children?: ReactNode;
}

/** The form in which the limits of one thing are set. */
export function LimitsForm({ limits, save, refreshes, onDone, children }: LimitsFormProps): ReactElement {
  const [draft, setDraft] = useState(() => draftOf(limits));
  const saving = useChange(() => save(limitsOf(draft)), {
    refreshes,
    says: "Limits saved",
    showsError: true,
    done: onDone,
  });
  const faults = faultsIn(saving.error ? messageOf(saving.error) : undefined);
  const rest = unshown(faults, ["budgets", "budget", "rate_limit"]);
  return (
    <form
      className="stack"
      noValidate
      onSubmit={(event) => {
        event.preventDefault();
        if (!saving.isPending) saving.mutate(undefined);
      }}
    >
      {children}
      {rest && (
        <p className="field-error" role="alert">
          {rest}
        </p>
      )}
      <LimitsEditor value={draft} onChange={setDraft} faults={faults} />
      <div className="row">
        <Button kind="primary" type="submit" busy={saving.isPending}>
          Save limits
        </Button>
        <Button onClick={onDone}>Cancel</Button>
      </div>
    </form>
  );
}
