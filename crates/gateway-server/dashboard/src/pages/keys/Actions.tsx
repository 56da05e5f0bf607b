import { type ReactElement, useState } from "react";
import { api, call, messageOf, useChange } from "../../api/client";
import { useMay } from "../../app/session";
import { faultsIn } from "../../lib/faults";
import { Button, ConfirmDialog, Dialog, Field, IconButton, Menu, Select, TextInput } from "../../parts";
import { fixedBy, KEY_PATHS, type VirtualKey } from "./types";

export interface ActionsProps {
  of: VirtualKey;
  /** It has another value now, which is in the answer. */
  onRotated: (key: VirtualKey) => void;
  onDeleted: () => void;
}

type Asked = "rotate" | "expire" | "reset" | "delete";

/** What can be done with a key besides editing it. */
export function Actions({ of, onRotated, onDeleted }: ActionsProps): ReactElement {
  const { why } = useMay("operator");
  const [asked, setAsked] = useState<Asked>();
  const close = () => setAsked(undefined);
  const disabledBecause = fixedBy(of) ?? why;
  const save = useChange(
    (body: { is_active: boolean }) =>
      call(api.PUT("/api/governance/virtual-keys/{id}", { params: { path: { id: of.id } }, body })),
    {
      refreshes: KEY_PATHS,
      says: (_, { is_active }) => (is_active ? `${of.name} works again` : `${of.name} is disabled`),
    },
  );
  const item = (label: string, act: Asked) => ({ label, disabledBecause, onSelect: () => setAsked(act) });
  return (
    <>
      <Menu
        trigger={<IconButton icon="more" label="Actions" size="small" />}
        items={[
          { ...item("Rotate…", "rotate"), icon: "rotate" },
          {
            label: of.is_active ? "Disable" : "Enable",
            icon: of.is_active ? "pause" : "play",
            disabledBecause,
            onSelect: () => save.mutate({ is_active: !of.is_active }),
          },
          ...(of.status === "expired" ? [] : [{ ...item("Expire now…", "expire"), icon: "clock" as const }]),
          { ...item("Reset use…", "reset"), icon: "history", disabledBecause: disabledBecause ?? nothingToReset(of) },
          "-",
          { ...item("Delete…", "delete"), icon: "trash", danger: true },
        ]}
      />
      {asked === "rotate" && <RotateDialog of={of} onClose={close} onRotated={onRotated} />}
      <ExpireDialog of={of} open={asked === "expire"} onClose={close} />
      <ResetDialog of={of} open={asked === "reset"} onClose={close} />
      <DeleteDialog of={of} open={asked === "delete"} onClose={close} onDeleted={onDeleted} />
    </>
  );
}

function nothingToReset({ budgets, rate_limit }: VirtualKey): string | undefined {
  return budgets.length === 0 && !rate_limit ? "It has no limits of its own." : undefined;
}

const GRACES = [
  { value: "default", label: "As the settings say" },
  { value: "0s", label: "Not at all: it stops at once" },
  { value: "1h", label: "1 hour" },
  { value: "1d", label: "1 day" },
  { value: "7d", label: "7 days" },
  { value: "30d", label: "30 days" },
];

interface RotateProps {
  of: VirtualKey;
  onClose: () => void;
  onRotated: (key: VirtualKey) => void;
}

function RotateDialog({ of, onClose, onRotated }: RotateProps): ReactElement {
  const [grace, setGrace] = useState("default");
  const [value, setValue] = useState("");
  const body = { ...(grace === "default" ? {} : { grace }), ...(value ? { value } : {}) };
  const rotate = useChange(
    () => call(api.POST("/api/governance/virtual-keys/{id}/rotate", { params: { path: { id: of.id } }, body })),
    {
      refreshes: KEY_PATHS,
      showsError: true,
      done: ({ virtual_key: rotated }) => {
        onClose();
        onRotated(rotated);
      },
    },
  );
  const faults = faultsIn(rotate.error ? messageOf(rotate.error) : undefined);
  return (
    <Dialog
      open
      onClose={onClose}
      title={`Rotate ${of.name}?`}
      about="It gets a new value, which is shown once. Its limits and their use stay."
      onSubmit={() => !rotate.isPending && rotate.mutate(undefined)}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={rotate.isPending}>
            Rotate
          </Button>
        </>
      }
    >
      <div className="stack">
        <Field label="How long the old value works on" hint={graceHint(grace)} error={faults.at.grace}>
          <Select value={grace} onChange={setGrace} options={GRACES} />
        </Field>
        <Field
          label="New value"
          optional
          hint="Left empty, one is made that cannot be guessed."
          error={faults.at.value}
        >
          <TextInput value={value} onChange={setValue} mono placeholder="made by the gateway" />
        </Field>
        {faults.rest && (
          <p className="field-error" role="alert">
            {faults.rest}
          </p>
        )}
      </div>
    </Dialog>
  );
}

const HOURS: Record<string, number> = { "1h": 1, "1d": 24, "7d": 7 * 24, "30d": 30 * 24 };

function graceHint(grace: string): string {
  const hours = HOURS[grace];
  if (hours === undefined) {
    return grace === "default"
      ? "The client setting vk_rotation_cooldown; where it is not set, the old value stops at once."
      : "Whoever still uses it is refused from now on.";
  }
  const until = new Date(Date.now() + hours * 3_600_000);
  return `Both values work until ${until.toLocaleString("en-GB", { dateStyle: "medium", timeStyle: "short" })}.`;
}

interface AskProps {
  of: VirtualKey;
  open: boolean;
  onClose: () => void;
}

function ExpireDialog({ of, open, onClose }: AskProps): ReactElement {
  const expire = useChange(
    () => {
      const body = { expires_at: new Date().toISOString() };
      return call(api.PUT("/api/governance/virtual-keys/{id}", { params: { path: { id: of.id } }, body }));
    },
    { refreshes: KEY_PATHS, says: `${of.name} has expired`, showsError: true },
  );
  return (
    <ConfirmDialog
      open={open}
      onClose={onClose}
      title={`Let ${of.name} expire now?`}
      action="Expire now"
      onConfirm={() => expire.mutateAsync(undefined)}
    >
      Calls with it are refused with 403 from now on. A later time under Settings makes it work again.
    </ConfirmDialog>
  );
}

function ResetDialog({ of, open, onClose }: AskProps): ReactElement {
  const reset = useChange(
    async () => {
      for (const { id } of of.budgets) {
        await call(api.POST("/api/governance/budgets/{id}", { params: { path: { id: `${id}/reset` } } }));
      }
      if (of.rate_limit) {
        const id = `${of.rate_limit.id}/reset`;
        await call(api.POST("/api/governance/rate-limits/{id}", { params: { path: { id } } }));
      }
    },
    { refreshes: KEY_PATHS, says: `The use of ${of.name} begins anew`, showsError: true },
  );
  return (
    <ConfirmDialog
      open={open}
      onClose={onClose}
      title={`Reset the use of ${of.name}?`}
      action="Reset use"
      onConfirm={() => reset.mutateAsync(undefined)}
    >
      Its budgets and limits begin anew, with nothing used. What was spent stays in the ledger and in the logs; the
      audit log keeps who reset it. Limits of its team and customer are not touched.
    </ConfirmDialog>
  );
}

function DeleteDialog({ of, open, onClose, onDeleted }: AskProps & { onDeleted: () => void }): ReactElement {
  const remove = useChange(
    () => call(api.DELETE("/api/governance/virtual-keys/{id}", { params: { path: { id: of.id } } })),
    { refreshes: KEY_PATHS, says: `${of.name} is deleted`, showsError: true, done: onDeleted },
  );
  return (
    <ConfirmDialog
      open={open}
      onClose={onClose}
      title={`Delete ${of.name}?`}
      action="Delete key"
      onConfirm={() => remove.mutateAsync(undefined)}
    >
      Calls with its value are refused for ever, also where callers need no key. Its calls stay in the logs, and what it
      spent in the ledger. To stop it for a while, disable it instead.
    </ConfirmDialog>
  );
}
