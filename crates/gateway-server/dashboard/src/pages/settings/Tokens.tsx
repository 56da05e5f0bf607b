import { useQuery } from "@tanstack/react-query";
import { type ReactElement, useState } from "react";
import { api, call, type components, query, useChange } from "../../api/client";
import { moment, toLocalInput } from "../../lib/time";
import {
  Button,
  Card,
  ConfirmDialog,
  CopyButton,
  Dialog,
  Empty,
  Field,
  IconButton,
  MultiCombobox,
  Status,
  Table,
  TextInput,
  Time,
} from "../../parts";
import { EntryDialog } from "./EntryDialog";
import { Origin, ROLES, type Role, RoleField } from "./roles";

type Token = components["schemas"]["ApiToken"];
type Saved = components["schemas"]["TokenSaved"];

/** The parts of the API that a token can be limited to. */
const SCOPES = [
  "audit-logs",
  "config",
  "explain",
  "governance",
  "health",
  "keys",
  "ledger",
  "logs",
  "metrics",
  "models",
  "offers",
  "overview",
  "playground",
  "pricing",
  "providers",
  "version",
].map((value) => ({ value }));

/** What programs present to the management API. */
export function Tokens(): ReactElement {
  const tokens = useQuery(query("/api/tokens", { params: { query: { limit: 1000 } } }));
  const [edited, setEdited] = useState<Token | "new">();
  const [rotated, setRotated] = useState<Token>();
  const [deleted, setDeleted] = useState<Token>();
  const [told, setTold] = useState<{ name: string; value: string }>();
  const tell = (saved: Saved) => {
    if (saved.value) setTold({ name: saved.token.name || saved.token.id, value: saved.value });
  };
  const rotate = useChange((id: string) => call(api.POST("/api/tokens/{id}/rotate", { params: { path: { id } } })), {
    refreshes: ["/api/tokens"],
    done: tell,
    showsError: true,
  });
  const remove = useChange((id: string) => call(api.DELETE("/api/tokens/{id}", { params: { path: { id } } })), {
    refreshes: ["/api/tokens"],
    says: "Token deleted",
    showsError: true,
  });
  return (
    <Card
      title="API tokens"
      about="For programs that manage the gateway. Applications that call models use virtual keys instead."
      flush
      actions={
        <Button kind="primary" size="small" icon="plus" onClick={() => setEdited("new")}>
          Add token
        </Button>
      }
    >
      <Table
        caption="API tokens"
        rows={tokens.data?.tokens}
        error={tokens.error}
        onRetry={() => tokens.refetch()}
        rowKey={(token) => token.id}
        rowTone={(token) => (token.expired ? "muted" : undefined)}
        empty={<Empty title="No API tokens yet" icon="lock" />}
        columns={[
          { id: "name", head: "Name", cell: (token) => token.name || token.id },
          { id: "role", head: "Role", cell: (token) => ROLES[token.role].label },
          {
            id: "scopes",
            head: "Opens",
            wideOnly: true,
            cell: (token) => (token.scopes.length === 0 ? "all that the role may" : token.scopes.join(", ")),
          },
          { id: "expires", head: "Expires", cell: (token) => <Expiry of={token} /> },
          { id: "origin", head: "From", wideOnly: true, cell: (token) => <Origin of={token.origin} /> },
          {
            id: "do",
            head: <span className="sr-only">Actions</span>,
            align: "end",
            cell: (token) =>
              token.origin === "api" && (
                <span className="row settings-actions">
                  <IconButton icon="edit" size="small" label={`Edit ${token.id}`} onClick={() => setEdited(token)} />
                  <IconButton
                    icon="rotate"
                    size="small"
                    label={`Rotate ${token.id}`}
                    onClick={() => setRotated(token)}
                  />
                  <IconButton
                    icon="trash"
                    size="small"
                    label={`Delete ${token.id}`}
                    onClick={() => setDeleted(token)}
                  />
                </span>
              ),
          },
        ]}
      />
      {edited && (
        <TokenDialog
          token={edited === "new" ? undefined : edited}
          onClose={() => setEdited(undefined)}
          onSaved={(saved) => {
            setEdited(undefined);
            tell(saved);
          }}
        />
      )}
      {rotated && (
        <ConfirmDialog
          open
          onClose={() => setRotated(undefined)}
          title={`Give ${rotated.name || rotated.id} another value?`}
          action="Rotate token"
          onConfirm={() => rotate.mutateAsync(rotated.id)}
        >
          The value that it has stops working at once. The new one is shown once.
        </ConfirmDialog>
      )}
      {deleted && (
        <ConfirmDialog
          open
          onClose={() => setDeleted(undefined)}
          title={`Delete the token ${deleted.name || deleted.id}?`}
          action="Delete token"
          onConfirm={() => remove.mutateAsync(deleted.id)}
        >
          Programs that present it are refused at once.
        </ConfirmDialog>
      )}
      {told && <Value {...told} onClose={() => setTold(undefined)} />}
    </Card>
  );
}

function Expiry({ of }: { of: Token }): ReactElement {
  if (!of.expires_at) return <span className="soft">never</span>;
  if (of.expired) return <Status tone="bad">expired</Status>;
  return <Time value={of.expires_at} as="ago" />;
}

function Value({ name, value, onClose }: { name: string; value: string; onClose: () => void }): ReactElement {
  return (
    <Dialog
      open
      onClose={onClose}
      title={`The value of ${name}`}
      about="Copy it now. It is kept as a hash and is never shown again."
      actions={
        <Button kind="primary" onClick={onClose}>
          I have copied it
        </Button>
      }
    >
      <div className="settings-value">
        <code className="wrap-anywhere">{value}</code>
        <CopyButton text={value} label="Copy the value" withText />
      </div>
    </Dialog>
  );
}

interface TokenDialogProps {
  token: Token | undefined;
  onClose: () => void;
  onSaved: (saved: Saved) => void;
}

function TokenDialog({ token, onClose, onSaved }: TokenDialogProps): ReactElement {
  const [name, setName] = useState(token?.name ?? "");
  const [role, setRole] = useState<Role>(token?.role ?? "viewer");
  const [scopes, setScopes] = useState<string[]>(token?.scopes ?? []);
  const until = moment(token?.expires_at ?? undefined);
  const [expires, setExpires] = useState(until ? toLocalInput(until) : "");
  const body = { name, role, scopes, expires_at: expires ? new Date(expires).toISOString() : null };
  const save = useChange(
    () =>
      token
        ? call(api.PUT("/api/tokens/{id}", { params: { path: { id: token.id } }, body }))
        : call(api.POST("/api/tokens", { body })),
    { refreshes: ["/api/tokens"], says: token ? "Token saved" : "Token added", showsError: true, done: onSaved },
  );
  return (
    <EntryDialog
      what="API token"
      name={token && (token.name || token.id)}
      onClose={onClose}
      saving={save}
      shows={["name", "role", "scopes", "expires_at"]}
      fields={(faults) => (
        <>
          <Field label="Name" hint="What it is for." error={faults.at.name}>
            <TextInput value={name} onChange={setName} />
          </Field>
          <RoleField role={role} onChange={setRole} error={faults.at.role} />
          <Field
            label="Only these parts of the API"
            optional
            hint="None: all that the role may."
            error={faults.at.scopes}
          >
            <MultiCombobox value={scopes} onChange={setScopes} options={SCOPES} strict />
          </Field>
          <Field label="Expires" optional hint="Your local time. Empty: never." error={faults.at.expires_at}>
            <TextInput type="datetime-local" value={expires} onChange={setExpires} />
          </Field>
        </>
      )}
    />
  );
}
