import { useQuery } from "@tanstack/react-query";
import { type ReactElement, useState } from "react";
import { ApiProblem, api, call, query, useChange } from "../../../api/client";
import { messageOf } from "../../../api/problem";
import { useMay } from "../../../app/session";
import { faultsIn, unshown } from "../../../lib/faults";
import { Button, Card, Loading, Problem } from "../../../parts";
import { draftOf, LimitsEditor, LimitsUse, limitsOf, type WithLimits } from "../../../parts/limits";
import { Notes } from "../form/Notes";

/** What all calls to a provider may spend and how many there may be, whoever makes them. */
export function Limits({ name }: { name: string }): ReactElement {
  const path = { params: { path: { id: name } } };
  const limits = useQuery(query("/api/governance/providers/{id}", path));
  const [editing, setEditing] = useState(false);
  const { why } = useMay("operator");
  const none = limits.error instanceof ApiProblem && limits.error.status === 404;
  if (limits.isPending) return <Loading />;
  if (limits.error && !none) return <Problem error={limits.error} onRetry={() => void limits.refetch()} />;
  const shown = limits.data?.provider;
  if (editing) return <Form name={name} limits={shown} onDone={() => setEditing(false)} />;
  return (
    <Card
      title="Limits of this provider"
      about="For everybody together, beside the limits of keys, teams and models."
      actions={
        <Button size="small" icon="edit" disabledBecause={why} onClick={() => setEditing(true)}>
          {shown ? "Edit limits" : "Set limits"}
        </Button>
      }
    >
      <LimitsUse
        limits={shown ?? { budgets: [], rate_limit: null }}
        of={name}
        none="No limit: calls to it are bounded only by what keys and teams may."
      />
    </Card>
  );
}

function Form({ name, limits, onDone }: { name: string; limits: WithLimits | undefined; onDone: () => void }) {
  const [draft, setDraft] = useState(() => draftOf(limits));
  const path = { params: { path: { id: name } } };
  const save = useChange(() => call(api.PUT("/api/governance/providers/{id}", { ...path, body: limitsOf(draft) })), {
    refreshes: ["/api/governance/providers", "/api/providers/{provider}/uses"],
    says: "Limits saved",
    showsError: true,
    done: onDone,
  });
  const faults = faultsIn(save.error ? messageOf(save.error) : undefined);
  return (
    <Card title="Limits of this provider">
      <form
        className="stack"
        noValidate
        onSubmit={(event) => {
          event.preventDefault();
          if (!save.isPending) save.mutate(undefined);
        }}
      >
        <Notes tone="bad" notes={[unshown(faults, ["budgets", "budget", "rate_limit"])]} />
        <LimitsEditor value={draft} onChange={setDraft} faults={faults} />
        <div className="row">
          <Button kind="primary" type="submit" busy={save.isPending}>
            Save limits
          </Button>
          <Button onClick={onDone}>Cancel</Button>
        </div>
      </form>
    </Card>
  );
}
