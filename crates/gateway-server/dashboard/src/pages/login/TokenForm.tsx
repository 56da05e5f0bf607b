import { type ReactElement, useState } from "react";
import { ApiProblem, api, call, messageOf, useChange } from "../../api/client";
import { token } from "../../api/token";
import { Button, Field, TextInput } from "../../parts";

/** The admin token or an API token, for this tab alone. */
export function TokenForm({ onDone }: { onDone: () => Promise<void> }): ReactElement {
  const [value, setValue] = useState("");
  const check = useChange(
    async () => {
      const headers = { authorization: `Bearer ${value.trim()}` };
      await call(api.GET("/api/session", { headers }));
      token.keep(value.trim());
    },
    { showsError: true, done: () => void onDone() },
  );
  return (
    <form
      className="stack"
      onSubmit={(event) => {
        event.preventDefault();
        if (!check.isPending && value.trim()) check.mutate(undefined);
      }}
    >
      <Field
        label="Admin token or API token"
        hint="Kept until this tab is closed, and sent with every call of this tab."
        error={check.error && refusal(check.error)}
      >
        <TextInput type="password" value={value} onChange={setValue} mono autoFocus />
      </Field>
      <Button kind="primary" type="submit" busy={check.isPending} disabled={!value.trim()}>
        Sign in
      </Button>
    </form>
  );
}

/** A token that is unknown is told so; of one that is over, the gateway says when. */
function refusal(error: Error): string {
  const unknown = error instanceof ApiProblem && error.status === 401 && !error.message.includes("expired");
  return unknown ? "This is neither the admin token nor an API token of this gateway." : messageOf(error);
}
