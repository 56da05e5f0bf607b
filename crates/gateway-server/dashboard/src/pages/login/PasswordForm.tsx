import { type ReactElement, useState } from "react";
import { api, call, messageOf, useChange } from "../../api/client";
import { token } from "../../api/token";
import { Button, Field, TextInput } from "../../parts";

/** Name and password, for the cookie of a session. */
export function PasswordForm({ onDone }: { onDone: () => Promise<void> }): ReactElement {
  const [username, setUsername] = useState("");
  const [password, setPassword] = useState("");
  const login = useChange(
    async () => {
      // A token of this tab would stand before the session.
      token.forget();
      return call(api.POST("/api/session/login", { body: { username: username.trim(), password } }));
    },
    { showsError: true, done: () => void onDone() },
  );
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!login.isPending && username.trim() && password) login.mutate(undefined);
      }}
    >
      <Field label="Name">
        <TextInput value={username} onChange={setUsername} name="username" autoComplete="username" autoFocus />
      </Field>
      <Field label="Password" error={login.error && messageOf(login.error)}>
        <TextInput
          type="password"
          value={password}
          onChange={setPassword}
          name="password"
          autoComplete="current-password"
        />
      </Field>
      <Button kind="primary" type="submit" busy={login.isPending} disabled={!username.trim() || !password}>
        Sign in
      </Button>
    </form>
  );
}
