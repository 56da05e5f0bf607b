import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { api, call, type components, query, useChange } from "../../api/client";
import { plural } from "../../lib/format";
import { Card } from "../../parts";
import { Activity, LimitsUse } from "../../parts/limits";
import { fixedBy } from "../keys/types";
import { KeysOf } from "../teams/KeysOf";
import { PartyActions } from "../teams/PartyActions";
import { AddParty, EditParty } from "../teams/PartyEditor";
import { chosenId, partyChange, partyDraftOf } from "../teams/PartyForm";
import { PartySheet, type PartyTab } from "../teams/PartySheet";

type Customer = components["schemas"]["Customer"];

const EXAMPLE = "Acme";

export interface CustomerSheetProps {
  id: string;
  tab: PartyTab;
  onTab: (tab: PartyTab) => void;
  onClose: () => void;
}

/** A customer that is open. */
export function CustomerSheet({ id, tab, onTab, onClose }: CustomerSheetProps): ReactElement {
  const answer = useQuery({
    ...query("/api/governance/customers/{id}", { params: { path: { id } } }),
    refetchInterval: 10_000,
  });
  const customer = answer.data?.customer;
  return (
    <PartySheet
      title={customer?.name ?? id}
      about={customer && `${plural(customer.teams.length, "team")}, ${plural(customer.virtual_key_count, "key")}`}
      tab={tab}
      onTab={onTab}
      onClose={onClose}
      loaded={customer !== undefined}
      error={answer.error}
      onRetry={() => void answer.refetch()}
    >
      {customer && (tab === "use" ? <Use of={customer} onClose={onClose} /> : <Edit key={customer.id} of={customer} />)}
    </PartySheet>
  );
}

function Use({ of, onClose }: { of: Customer; onClose: () => void }): ReactElement {
  const remove = useChange(
    () => call(api.DELETE("/api/governance/customers/{id}", { params: { path: { id: of.id } } })),
    { refreshes: ["/api/governance"], says: `${of.name} is deleted`, showsError: true, done: onClose },
  );
  return (
    <div className="stack">
      <Card
        title="Limits"
        about="For all its teams and keys together."
        actions={
          <PartyActions
            of={of}
            what="customer"
            fixed={fixedBy(of)}
            inUse={inUse(of)}
            onDelete={() => remove.mutateAsync(undefined)}
          >
            No team and no key belongs to it. What was spent stays in the ledger and in the logs.
          </PartyActions>
        }
      >
        <LimitsUse limits={of} of={`customer ${of.name}`} none="The customer has no limits of its own." />
      </Card>
      <Activity of={{ customer_ids: of.id }} />
      <Teams of={of} />
      <KeysOf of={{ customer: of.id }} />
    </div>
  );
}

/** What would be free of its limits, and has to be moved first. */
function inUse({ teams, virtual_key_count }: Customer): string | undefined {
  if (teams.length > 0) {
    const names = teams.slice(0, 5).map(({ name }) => name);
    const more = teams.length > names.length ? " and more" : "";
    return `It has the teams ${names.join(", ")}${more}: move or delete them first.`;
  }
  if (virtual_key_count > 0) {
    return `${plural(virtual_key_count, "key belongs", "keys belong")} to it: move or delete them first.`;
  }
  return undefined;
}

function Teams({ of: { id, teams } }: { of: Customer }): ReactElement {
  return (
    <Card
      title="Teams"
      actions={
        teams.length > 0 && (
          <Link to="/teams" search={{ customer: id }}>
            Open in the list
          </Link>
        )
      }
    >
      {teams.length === 0 ? (
        <p className="soft small">It has no teams; keys may belong to it without one.</p>
      ) : (
        <ul className="row customers-teams">
          {teams.map((team) => (
            <li key={team.id}>
              <Link to="/teams" search={{ open: team.id }}>
                {team.name}
              </Link>
            </li>
          ))}
        </ul>
      )}
    </Card>
  );
}

function Edit({ of }: { of: Customer }): ReactElement {
  return (
    <EditParty
      what="customer"
      example={EXAMPLE}
      of={partyDraftOf(of)}
      fixed={fixedBy(of)}
      save={(draft) =>
        call(api.PUT("/api/governance/customers/{id}", { params: { path: { id: of.id } }, body: partyChange(draft) }))
      }
    />
  );
}

/** The form for a new customer. */
export function AddCustomer({ onClose }: { onClose: () => void }): ReactElement {
  return (
    <AddParty
      what="customer"
      example={EXAMPLE}
      save={(draft) =>
        call(api.POST("/api/governance/customers", { body: { ...partyChange(draft), ...chosenId(draft) } }))
      }
      onClose={onClose}
    />
  );
}
