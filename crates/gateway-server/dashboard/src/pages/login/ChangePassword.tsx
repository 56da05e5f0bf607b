import { Link, useNavigate } from "@tanstack/react-router";
import { type ReactElement, useState } from "react";
import { api, call, messageOf, queries, useChange } from "../../api/client";
import { useSession } from "../../app/session";
import { Button, Field, TextInput } from "../../parts";

const SHORTEST = 12;

/** One's own password. All sessions of the user end with it, this one too. */
export function ChangePassword(): ReactElement {
  const session = useSession();
  const navigate = useNavigate();
  const [password, setPassword] = useState("");
  const [wanted, setWanted] = useState("");
  const [again, setAgain] = useState("");
  const change = useChange(
    () => call(api.POST("/api/session/password", { body: { password, new_password: wanted } })),
    {
      showsError: true,
      says: "Password changed. Sign in with the new one.",
      done: () => {
        queries.clear();
        void navigate({ to: "/login", search: {} });
      },
    },
  );
  const isUser = session?.author.startsWith("user:");
  if (session && !isUser) {
    return (
      <div className="stack">
        <h1>There is no password to change</h1>
        <p className="soft">You are not signed in as a user: tokens and this machine have no password.</p>
        <Link to="/overview">Back to the overview</Link>
      </div>
    );
  }
  const short = wanted !== "" && wanted.length < SHORTEST ? `It must have ${SHORTEST} characters at least.` : undefined;
  const differs = again !== "" && again !== wanted ? "This is not the same as above." : undefined;
  const ready = password !== "" && wanted.length >= SHORTEST && again === wanted;
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (ready && !change.isPending) change.mutate(undefined);
      }}
    >
      <h1>Change your password</h1>
      <p className="soft small">You will be signed out everywhere, here too.</p>
      <Field label="Password until now" error={change.error && messageOf(change.error)}>
        <TextInput type="password" value={password} onChange={setPassword} autoComplete="current-password" autoFocus />
      </Field>
      <Field label="New password" hint={`${SHORTEST} characters at least.`} error={short}>
        <TextInput type="password" value={wanted} onChange={setWanted} autoComplete="new-password" />
      </Field>
      <Field label="New password again" error={differs}>
        <TextInput type="password" value={again} onChange={setAgain} autoComplete="new-password" />
      </Field>
      <Button kind="primary" type="submit" busy={change.isPending} disabled={!ready}>
        Change password
      </Button>
      <Link to="/overview">Leave it as it is</Link>
    </form>
  );
}
