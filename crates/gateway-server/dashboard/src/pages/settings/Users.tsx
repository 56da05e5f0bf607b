import { useQuery } from "@tanstack/react-query";
import { type ReactElement, useState } from "react";
import { api, call, type components, query, useChange } from "../../api/client";
import { useSession } from "../../app/session";
import { Badge, Button, Card, ConfirmDialog, Empty, Field, IconButton, Table, TextInput } from "../../parts";
import { EntryDialog } from "./EntryDialog";
import { Origin, ROLES, type Role, RoleField } from "./roles";

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
  return (
    <EntryDialog
      what="user"
      name={user?.username}
      onClose={onClose}
      saving={save}
      shows={["username", "role", "password"]}
      fields={(faults) => (
        <>
          {!user && (
            <Field label="Name" hint="What they log in with." error={faults.at.username}>
              <TextInput value={username} onChange={setUsername} />
            </Field>
          )}
          <RoleField role={role} onChange={setRole} error={faults.at.role} />
          <Field
            label={user ? "New password" : "Password"}
            optional={user !== undefined}
            hint={user ? "Empty: it stays. Another password or role ends their sessions." : "12 characters at least."}
            error={faults.at.password}
          >
            <TextInput type="password" autoComplete="new-password" value={password} onChange={setPassword} />
          </Field>
        </>
      )}
    />
  );
}
