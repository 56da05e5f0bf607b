import { useQuery } from "@tanstack/react-query";
import { type ReactElement, useState } from "react";
import { api, call, query, useChange } from "../../api/client";
import { messageOf } from "../../api/problem";
import { useMay } from "../../app/session";
import { faultsIn, unshown } from "../../lib/faults";
import { Button, ConfirmDialog, Loading, Problem, Sheet } from "../../parts";
import { partsOf } from "./at";
import { OverrideFields } from "./OverrideFields";
import { bodyOf, draftOf, newOverride, type Override, type OverrideChange, PRICES } from "./override";
import { Preview } from "./Preview";

const LIST = "/api/governance/pricing-overrides";

export interface OverrideSheetProps {
  /** Which one; none for a new one. */
  id: string | undefined;
  /** The model that is open, which the preview is of. */
  at: string | undefined;
  onClose: () => void;
}

/** Sets a price in place of the catalogue's. */
export function OverrideSheet({ id, at, onClose }: OverrideSheetProps): ReactElement {
  const known = useQuery({
    ...query(`${LIST}/{id}`, { params: { path: { id: id ?? "" } } }),
    enabled: id !== undefined,
    // A form is open over it.
    refetchOnWindowFocus: false,
  });
  if (id === undefined) return <Form at={at} onClose={onClose} />;
  if (known.data) return <Form known={known.data.pricing_override} at={at} onClose={onClose} />;
  return (
    <Sheet open onClose={onClose} title="Price set here">
      {known.error ? (
        <Problem error={known.error} title="This price could not be loaded" onRetry={() => void known.refetch()} />
      ) : (
        <Loading lines={6} />
      )}
    </Sheet>
  );
}

interface FormProps {
  known?: Override;
  at: string | undefined;
  onClose: () => void;
}

function Form({ known, at, onClose }: FormProps) {
  const { provider = "", model = "" } = at === undefined ? {} : partsOf(at);
  const [draft, setDraft] = useState(() => (known ? draftOf(known) : newOverride(provider, model)));
  const [removing, setRemoving] = useState(false);
  const { why } = useMay("operator");
  const file = known?.origin.startsWith("file ") ? known.origin.slice("file ".length) : undefined;
  const locked = why ?? (file && `It is declared in ${file}: change it there.`);
  const body = bodyOf(draft, known);
  const save = useChange(
    () =>
      known
        ? call(api.PUT(`${LIST}/{id}`, { params: { path: { id: known.id ?? "" } }, body }))
        : call(api.POST(LIST, { body: withoutNulls(body) })),
    {
      refreshes: [LIST, "/api/models"],
      says: "Price saved. It holds for calls from now on.",
      showsError: true,
      done: onClose,
    },
  );
  const remove = useChange(() => call(api.DELETE(`${LIST}/{id}`, { params: { path: { id: known?.id ?? "" } } })), {
    refreshes: [LIST, "/api/models"],
    says: "Price deleted",
    showsError: true,
    done: onClose,
  });
  // It says first which one it speaks of, which is the one that is open.
  const told = save.error ? messageOf(save.error).replace(/^pricing override `[^`]*`: /i, "") : undefined;
  const faults = faultsIn(told);
  const rest = unshown(faults, [
    "provider",
    "model_pattern",
    "effective_from",
    "effective_until",
    "request_types",
    ...Object.keys(PRICES),
  ]);
  return (
    <Sheet
      open
      onClose={onClose}
      title={known ? (known.name ?? `Price for ${known.model_pattern}`) : "Set a price"}
      about="It replaces the catalogue's price as a whole, for calls from then on."
      onSubmit={() => locked === undefined && !save.isPending && save.mutate(undefined)}
      actions={
        <>
          {known && (
            <Button kind="danger" icon="trash" disabledBecause={locked} onClick={() => setRemoving(true)}>
              Delete
            </Button>
          )}
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={save.isPending} disabledBecause={locked}>
            Save price
          </Button>
        </>
      }
    >
      <div className="stack">
        {rest && (
          <p className="field-error" role="alert">
            {rest}
          </p>
        )}
        <OverrideFields draft={draft} onChange={setDraft} faults={faults} />
        <Preview
          body={withoutNulls(body)}
          id={known?.id}
          provider={provider || draft.provider}
          model={model || (draft.match === "exact" ? draft.pattern : "")}
        />
      </div>
      {removing && (
        <ConfirmDialog
          open
          onClose={() => setRemoving(false)}
          title="Delete this price?"
          action="Delete price"
          onConfirm={() => remove.mutateAsync(undefined)}
        >
          What fits next holds instead: another price that is set here, else the catalogue's. What was billed stays as
          it is.
        </ConfirmDialog>
      )}
    </Sheet>
  );
}

function withoutNulls(body: OverrideChange): OverrideChange {
  return Object.fromEntries(Object.entries(body).filter(([, value]) => value !== null));
}
