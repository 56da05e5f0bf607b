import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { api, call, type components, query, useChange } from "../../api/client";
import { plural } from "../../lib/format";
import { Card, Field, Select } from "../../parts";
import { Activity, LimitsUse } from "../../parts/limits";
import { fixedBy } from "../keys/types";
import { KeysOf } from "./KeysOf";
import { PartyActions } from "./PartyActions";
import { AddParty, EditParty } from "./PartyEditor";
import { chosenId, type PartyDraft, partyChange, partyDraftOf } from "./PartyForm";
import { PartySheet, type PartyTab } from "./PartySheet";

type Team = components["schemas"]["Team"];

const EXAMPLE = "Platform";

/** What is sent of a team. */
function changeOf(draft: PartyDraft) {
  return { ...partyChange(draft), customer_id: draft.customer || null };
}

export interface TeamSheetProps {
  id: string;
  tab: PartyTab;
  onTab: (tab: PartyTab) => void;
  onClose: () => void;
}

/** A team that is open. */
export function TeamSheet({ id, tab, onTab, onClose }: TeamSheetProps): ReactElement {
  const answer = useQuery({
    ...query("/api/governance/teams/{id}", { params: { path: { id } } }),
    refetchInterval: 10_000,
  });
  const team = answer.data?.team;
  return (
    <PartySheet
      title={team?.name ?? id}
      about={
        team?.customer && (
          <Link to="/customers" search={{ open: team.customer.id }}>{`Customer ${team.customer.name}`}</Link>
        )
      }
      tab={tab}
      onTab={onTab}
      onClose={onClose}
      loaded={team !== undefined}
      error={answer.error}
      onRetry={() => void answer.refetch()}
    >
      {team && (tab === "use" ? <Use of={team} onClose={onClose} /> : <Edit key={team.id} of={team} />)}
    </PartySheet>
  );
}

function Use({ of, onClose }: { of: Team; onClose: () => void }): ReactElement {
  const remove = useChange(() => call(api.DELETE("/api/governance/teams/{id}", { params: { path: { id: of.id } } })), {
    refreshes: ["/api/governance"],
    says: `${of.name} is deleted`,
    showsError: true,
    done: onClose,
  });
  const keys = of.virtual_key_count;
  return (
    <div className="stack">
      <Card
        title="Limits"
        about={of.customer ? `Calls count against the limits of ${of.customer.name} too.` : undefined}
        actions={
          <PartyActions
            of={of}
            what="team"
            fixed={fixedBy(of)}
            inUse={
              keys > 0 ? `${plural(keys, "key belongs", "keys belong")} to it: move or delete them first.` : undefined
            }
            onDelete={() => remove.mutateAsync(undefined)}
          >
            No key belongs to it. What its calls spent stays in the ledger and in the logs.
          </PartyActions>
        }
      >
        <LimitsUse limits={of} of={`team ${of.name}`} none="The team has no limits of its own." />
      </Card>
      <Activity of={{ team_ids: of.id }} />
      <KeysOf of={{ team: of.id }} />
    </div>
  );
}

function Edit({ of }: { of: Team }): ReactElement {
  return (
    <EditParty
      what="team"
      example={EXAMPLE}
      of={partyDraftOf(of)}
      fixed={fixedBy(of)}
      save={(draft) =>
        call(api.PUT("/api/governance/teams/{id}", { params: { path: { id: of.id } }, body: changeOf(draft) }))
      }
      field={(draft, set, faults) => (
        <CustomerField
          value={draft.customer}
          onChange={(customer) => set({ customer })}
          error={faults.at.customer_id}
        />
      )}
    />
  );
}

/** The form for a new team. */
export function AddTeam({ onClose }: { onClose: () => void }): ReactElement {
  return (
    <AddParty
      what="team"
      example={EXAMPLE}
      save={(draft) => call(api.POST("/api/governance/teams", { body: { ...changeOf(draft), ...chosenId(draft) } }))}
      field={(draft, set, faults) => (
        <CustomerField
          value={draft.customer}
          onChange={(customer) => set({ customer })}
          error={faults.at.customer_id}
        />
      )}
      onClose={onClose}
    />
  );
}

interface CustomerFieldProps {
  value: string;
  onChange: (customer: string) => void;
  error: string | undefined;
}

function CustomerField({ value, onChange, error }: CustomerFieldProps): ReactElement {
  const customers = useQuery(query("/api/governance/customers", { params: { query: { limit: 1000 } } }));
  const options = [
    { value: "", label: "None" },
    ...(customers.data?.customers ?? []).map(({ id, name }) => ({ value: id, label: name })),
  ];
  const known = options.some((option) => option.value === value);
  return (
    <Field label="Customer" hint="Whose limits hold for the team's calls as well." error={error}>
      <Select value={value} onChange={onChange} options={known ? options : [...options, { value, label: value }]} />
    </Field>
  );
}
