import { useQuery } from "@tanstack/react-query";
import { type ReactElement, useState } from "react";
import { ApiProblem, api, call, query } from "../../../api/client";
import { useMay } from "../../../app/session";
import { Button, Card, Loading, Problem } from "../../../parts";
import { LimitsForm, LimitsUse } from "../../../parts/limits";

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
  if (editing) {
    return (
      <Card title="Limits of this provider">
        <LimitsForm
          limits={shown}
          save={(body) => call(api.PUT("/api/governance/providers/{id}", { ...path, body }))}
          refreshes={["/api/governance/providers", "/api/providers/{provider}/uses"]}
          onDone={() => setEditing(false)}
        />
      </Card>
    );
  }
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
