import { useQuery } from "@tanstack/react-query";
import { type ReactElement, useState } from "react";
import { api, call, type components, messageOf, query, useChange } from "../../api/client";
import { useSession } from "../../app/session";
import { faultsIn, unshown } from "../../lib/faults";
import {
  Badge,
  Button,
  Card,
  ConfirmDialog,
  Dialog,
  Empty,
  Field,
  IconButton,
  Select,
  Table,
  TextInput,
} from "../../parts";
import { Origin, ROLES, type Role } from "./roles";

type User = components["schemas"]["User"];
const PATHS = ["/api/users", "/api/session"];

/** Who logs in with a password. */
export function Users(): ReactElement {
  const users = useQuery(query("/api/users", { params: { query: { limit: 1000 } } }));
  const session = useSession();
  const [edited, setEdited] = useState<User | "new">();
  const [deleted, setDeleted] = useState<User>();
  return (
    <Card
      title="Users"
      about="People who log in to this dashboard. Without users, this machine and the admin token alone open it."
      flush
      actions={
        <Button kind="primary" size="small" icon="plus" onClick={() => setEdited("new")}>
          Add user
        </Button>
      }
    >
      <Table
        caption="Users"
        rows={users.data?.users}
        error={users.error}
        onRetry={() => users.refetch()}
        rowKey={(user) => user.username}
        empty={<Empty title="No users yet" icon="user" />}
        columns={[
          {
            id: "username",
            head: "Name",
            cell: (user) => (
              <>
                {user.username} {session?.author === `user:${user.username}` && <Badge tone="info">you</Badge>}
              </>
            ),
          },
          { id: "role", head: "Role", cell: (user) => ROLES[user.role].label },
          { id: "origin", head: "From", wideOnly: true, cell: (user) => <Origin of={user.origin} /> },
          {
            id: "do",
            head: <span className="sr-only">Actions</span>,
            align: "end",
            cell: (user) =>
              user.origin === "api" && (
                <span className="row settings-actions">
                  <IconButton
                    icon="edit"
                    size="small"
                    label={`Edit ${user.username}`}
                    onClick={() => setEdited(user)}
                  />
                  <IconButton
                    icon="trash"
                    size="small"
                    label={`Delete ${user.username}`}
                    onClick={() => setDeleted(user)}
                  />
                </span>
              ),
          },
        ]}
      />
      {edited && <UserDialog user={edited === "new" ? undefined : edited} onClose={() => setEdited(undefined)} />}
      {deleted && <DeleteUser user={deleted} onClose={() => setDeleted(undefined)} />}
    </Card>
  );
}

function DeleteUser({ user, onClose }: { user: User; onClose: () => void }): ReactElement {
  const remove = useChange(() => call(api.DELETE("/api/users/{id}", { params: { path: { id: user.username } } })), {
    refreshes: PATHS,
    says: "User deleted",
    showsError: true,
  });
  return (
    <ConfirmDialog
      open
      onClose={onClose}
      title={`Delete the user ${user.username}?`}
      action="Delete user"
      onConfirm={() => remove.mutateAsync(undefined)}
    >
      All their sessions end at once. What they did stays in the audit log.
    </ConfirmDialog>
  );
}

function UserDialog({ user, onClose }: { user: User | undefined; onClose: () => void }): ReactElement {
  const [username, setUsername] = useState(user?.username ?? "");
  const [role, setRole] = useState<Role>(user?.role ?? "viewer");
  const [password, setPassword] = useState("");
  const secret = password === "" ? {} : { password };
  const save = useChange(
    () =>
      user
        ? call(api.PUT("/api/users/{id}", { params: { path: { id: user.username } }, body: { role, ...secret } }))
        : call(api.POST("/api/users", { body: { username, role, ...secret } })),
    { refreshes: PATHS, says: user ? "User saved" : "User added", showsError: true, done: onClose },
  );
  const faults = faultsIn(save.error ? messageOf(save.error) : undefined);
  return (
    <Dialog
      open
      onClose={onClose}
      title={user ? user.username : "Add a user"}
      onSubmit={() => !save.isPending && save.mutate(undefined)}
      actions={
        <>
          <Button onClick={onClose}>Cancel</Button>
          <Button kind="primary" type="submit" busy={save.isPending}>
            {user ? "Save" : "Add user"}
          </Button>
        </>
      }
    >
      <div className="stack">
        {!user && (
          <Field label="Name" hint="What they log in with." error={faults.at.username}>
            <TextInput value={username} onChange={setUsername} />
          </Field>
        )}
        <Field label="Role" hint={ROLES[role].about} error={faults.at.role}>
          <Select
            value={role}
            onChange={setRole}
            options={Object.entries(ROLES).map(([value, { label }]) => ({ value: value as Role, label }))}
          />
        </Field>
        <Field
          label={user ? "New password" : "Password"}
          optional={user !== undefined}
          hint={user ? "Empty: it stays. Another password or role ends their sessions." : "12 characters at least."}
          error={faults.at.password}
        >
          <TextInput type="password" autoComplete="new-password" value={password} onChange={setPassword} />
        </Field>
        {save.error && (
          <p className="field-error" role="alert">
            {unshown(faults, ["username", "role", "password"])}
          </p>
        )}
      </div>
    </Dialog>
  );
}
