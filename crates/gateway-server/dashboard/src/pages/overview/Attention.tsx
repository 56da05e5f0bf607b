// What needs somebody: deployments that cannot be asked, budgets that run out, log rows that were lost, a broken file.

import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement, ReactNode } from "react";
import { type components, query } from "../../api/client";
import { money, percent, plural } from "../../lib/format";
import { Card, Loading, Status, type Tone } from "../../parts";
import { isWell } from "../providers/health";

type Deployment = components["schemas"]["DeploymentHealth"];
type Budget = components["schemas"]["OwnedBudget"];

interface Item {
  key: string;
  tone: Tone;
  text: ReactNode;
}

/** How much of a budget is gone when it is told of. */
const NEARLY = 0.9;

export function Attention({ dropped }: { dropped: number }): ReactElement {
  const health = useQuery({ ...query("/api/health/deployments"), refetchInterval: 10_000 });
  const budgets = useQuery({ ...query("/api/governance/budgets"), refetchInterval: 30_000 });
  const config = useQuery(query("/api/config"));
  const items = [
    ...unhealthy(health.data?.deployments ?? []),
    ...spent(budgets.data?.budgets ?? []),
    ...lost(dropped),
    ...broken(config.data?.config_file_error),
  ];
  const waiting = health.isPending || budgets.isPending;
  return (
    <Card title="Needs attention">
      {waiting ? (
        <Loading lines={2} />
      ) : items.length === 0 ? (
        <Status tone="ok">All deployments answer, and no budget is nearly spent.</Status>
      ) : (
        <ul className="overview-attention">
          {items.map((item) => (
            <li key={item.key}>
              <Status tone={item.tone}>
                <span>{item.text}</span>
              </Status>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function unhealthy(deployments: readonly Deployment[]): Item[] {
  return deployments
    .filter((one) => !isWell(one))
    .map(({ deployment, words, key_name }) => ({
      key: `${deployment.provider} ${deployment.key} ${deployment.model}`,
      tone: "bad",
      text: (
        <>
          <Link to="/providers/$name" params={{ name: deployment.provider }}>
            {deployment.provider}
          </Link>{" "}
          <span className="soft">
            {deployment.model}
            {key_name && ` with ${key_name}`}
          </span>
          : {words}
        </>
      ),
    }));
}

function spent(budgets: readonly Budget[]): Item[] {
  const share = (budget: Budget) => (budget.max_limit > 0 ? budget.current_usage / budget.max_limit : 0);
  return budgets
    .filter((budget) => share(budget) >= NEARLY)
    .sort((one, other) => share(other) - share(one))
    .map((budget) => ({
      key: budget.id,
      tone: share(budget) >= 1 ? "bad" : "warn",
      text: (
        <>
          Budget of {budget.owner.kind.replace("_", " ")} <OwnerLink owner={budget.owner} />:{" "}
          {share(budget) >= 1 ? "spent" : `${percent(share(budget), 0)} spent`}{" "}
          <span className="soft">
            ({money(budget.current_usage)} of {money(budget.max_limit)})
          </span>
        </>
      ),
    }));
}

function OwnerLink({ owner }: { owner: Budget["owner"] }) {
  switch (owner.kind) {
    case "provider":
      return (
        <Link to="/providers/$name" params={{ name: owner.id }}>
          {owner.name}
        </Link>
      );
    case "virtual_key":
      return (
        <Link to="/keys" search={{ open: owner.id }}>
          {owner.name}
        </Link>
      );
    case "team":
      return <Link to="/teams">{owner.name}</Link>;
    case "customer":
      return <Link to="/customers">{owner.name}</Link>;
    case "model":
      return <Link to="/models">{owner.name}</Link>;
  }
}

function lost(dropped: number): Item[] {
  if (dropped === 0) return [];
  const text = `${plural(dropped, "log row")} could not be kept since the start. Their costs are in the ledger all the same.`;
  return [{ key: "dropped", tone: "warn", text }];
}

function broken(error: unknown): Item[] {
  if (typeof error !== "string" || error === "") return [];
  return [{ key: "file", tone: "bad", text: `The configuration file is not in force: ${error}` }];
}
