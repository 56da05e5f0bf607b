import { type ReactElement, type ReactNode, useState } from "react";
import { api, call, useChange } from "../../api/client";
import { useMay } from "../../app/session";
import { Button, ConfirmDialog } from "../../parts";
import type { WithLimits } from "../../parts/limits";

export interface PartyActionsProps {
  of: WithLimits & { name: string };
  /** `team`. */
  what: string;
  /** Why it cannot be changed here. */
  fixed: string | undefined;
  /** What is lost, or what has to go first. */
  children: ReactNode;
  /** Why it cannot be deleted now. */
  inUse: string | undefined;
  onDelete: () => Promise<unknown>;
}

/** What can be done with a team or a customer besides editing it: begin its use anew, delete it. */
export function PartyActions({ of, what, fixed, inUse, onDelete, children }: PartyActionsProps): ReactElement {
  const { why } = useMay("operator");
  const [asked, setAsked] = useState<"reset" | "delete">();
  const reset = useReset(of);
  const close = () => setAsked(undefined);
  const limited = of.budgets.length > 0 || of.rate_limit;
  return (
    <div className="row">
      <Button
        size="small"
        icon="history"
        disabledBecause={why ?? (limited ? undefined : "It has no limits of its own.")}
        onClick={() => setAsked("reset")}
      >
        Reset use
      </Button>
      <Button
        size="small"
        icon="trash"
        kind="danger"
        disabledBecause={fixed ?? why ?? inUse}
        onClick={() => setAsked("delete")}
      >
        Delete
      </Button>
      <ConfirmDialog
        open={asked === "reset"}
        onClose={close}
        title={`Reset the use of ${of.name}?`}
        action="Reset use"
        onConfirm={() => reset.mutateAsync(undefined)}
      >
        Its budgets and limits begin anew, with nothing used. What was spent stays in the ledger and in the logs; the
        audit log keeps who reset it.
      </ConfirmDialog>
      <ConfirmDialog
        open={asked === "delete"}
        onClose={close}
        title={`Delete ${of.name}?`}
        action={`Delete ${what}`}
        onConfirm={onDelete}
      >
        {children}
      </ConfirmDialog>
    </div>
  );
}

function useReset(of: PartyActionsProps["of"]) {
  return useChange(
    async () => {
      for (const { id } of of.budgets) {
        await call(api.POST("/api/governance/budgets/{id}", { params: { path: { id: `${id}/reset` } } }));
      }
      if (of.rate_limit) {
        const id = `${of.rate_limit.id}/reset`;
        await call(api.POST("/api/governance/rate-limits/{id}", { params: { path: { id } } }));
      }
    },
    { refreshes: ["/api/governance"], says: `The use of ${of.name} begins anew`, showsError: true },
  );
}
