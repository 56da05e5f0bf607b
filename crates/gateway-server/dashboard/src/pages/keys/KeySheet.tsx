import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { query } from "../../api/client";
import { Badge, Card, Code, KeyValue, Loading, Problem, Sheet, SplitBar, Status, Tabs, Time } from "../../parts";
import { Activity } from "../../parts/limits";
import { Actions } from "./Actions";
import { EffectiveLimits } from "./EffectiveLimits";
import { Settings } from "./Settings";
import { Snippets } from "./Snippets";
import { fileOf, masked, statusOf, type VirtualKey } from "./types";

export type KeyTab = "use" | "settings" | "code";

export interface KeySheetProps {
  id: string;
  tab: KeyTab;
  onTab: (tab: KeyTab) => void;
  onClose: () => void;
  onRotated: (key: VirtualKey) => void;
}

/** A key that is open: what it does, what it may, and how it is used. */
export function KeySheet({ id, tab, onTab, onClose, onRotated }: KeySheetProps): ReactElement {
  const answer = useQuery({
    ...query("/api/governance/virtual-keys/{id}", { params: { path: { id } } }),
    refetchInterval: 10_000,
  });
  const key = answer.data?.virtual_key;
  return (
    <Sheet
      open
      wide
      onClose={onClose}
      title={key?.name ?? id}
      about={key && <Below of={key} />}
      tools={key && <Actions of={key} onRotated={onRotated} onDeleted={onClose} />}
    >
      {answer.error && !key ? (
        <Problem error={answer.error} onRetry={() => void answer.refetch()} />
      ) : key ? (
        <Tabs
          label="Views of the key"
          value={tab}
          onChange={onTab}
          tabs={[
            { value: "use", label: "Use" },
            { value: "settings", label: "Settings" },
            { value: "code", label: "Code" },
          ]}
        >
          {tab === "use" && <Use of={key} />}
          {/* Made anew for another key, so that a draft never goes to the wrong one. */}
          {tab === "settings" && <Settings key={key.id} of={key} />}
          {tab === "code" && <Snippets of={key} />}
        </Tabs>
      ) : (
        <Loading lines={6} />
      )}
    </Sheet>
  );
}

function Below({ of }: { of: VirtualKey }): ReactElement {
  const { tone, word } = statusOf(of);
  return (
    <span className="keys-below">
      <Status tone={tone}>{word}</Status>
      <code>{masked(of.value)}</code>
      {of.guessable && <Badge tone="warn">Guessable</Badge>}
      {of.team && (
        <Link to="/teams" search={{ open: of.team.id }}>
          Team {of.team.name}
        </Link>
      )}
      {of.customer && (
        <Link to="/customers" search={{ open: of.customer.id }}>
          Customer {of.customer.name}
        </Link>
      )}
    </span>
  );
}

function Use({ of }: { of: VirtualKey }): ReactElement {
  return (
    <div className="stack">
      <Card title="Limits in force" flush>
        <EffectiveLimits of={of.id} />
      </Card>
      <Activity of={{ virtual_key_ids: of.id }} />
      <Card title="What it may use">
        <Entries of={of} />
      </Card>
      <Card title="About">
        <Facts of={of} />
      </Card>
    </div>
  );
}

function Entries({ of: { provider_configs: entries, blacklisted_models: blocked } }: { of: VirtualKey }): ReactElement {
  return (
    <div className="stack">
      {entries.length === 0 ? (
        <p className="soft">Every provider and model that is configured.</p>
      ) : (
        <SplitBar
          label="Share of calls where several entries serve the model"
          parts={entries.map(({ provider, weight }) => ({ label: provider, weight }))}
        />
      )}
      {entries.length > 0 && (
        <KeyValue
          items={entries.map((entry) => [
            <Link key="name" to="/providers/$name" params={{ name: entry.provider }}>
              {entry.provider}
            </Link>,
            <EntryWords key="words" of={entry} />,
          ])}
        />
      )}
      {blocked.length > 0 && <p className="small">Blocked: {blocked.join(", ")}</p>}
    </div>
  );
}

function EntryWords({ of }: { of: VirtualKey["provider_configs"][number] }): ReactElement {
  const aliases = Object.entries(of.model_aliases);
  return (
    <div className="stack-tight">
      <span className="wrap-anywhere">
        {of.allowed_models.length > 0 ? (
          <span className="mono small">{of.allowed_models.join(", ")}</span>
        ) : (
          <span className="soft">all its models</span>
        )}
        {of.blacklisted_models.length > 0 && <span className="soft"> but {of.blacklisted_models.join(", ")}</span>}
      </span>
      {aliases.map(([asked, served]) => (
        <span key={asked} className="mono small">
          {asked === "*" ? "anything else" : asked} → {served}
        </span>
      ))}
    </div>
  );
}

function Facts({ of }: { of: VirtualKey }): ReactElement {
  const file = fileOf(of);
  const tags = Object.entries(of.metadata);
  return (
    <KeyValue
      columns={2}
      items={[
        ["Id", <code key="id">{of.id}</code>],
        ["What it is for", of.description],
        [
          "Last used",
          of.activity?.last_used_at ? <Time key="used" value={of.activity.last_used_at} as="ago" /> : "Never",
        ],
        ["Works until", of.expires_at ? <Time key="ends" value={of.expires_at} /> : "No end"],
        [
          "Earlier values",
          of.previous.length > 0 &&
            of.previous.map(({ until }) => (
              <span key={until}>
                works until <Time value={until} />{" "}
              </span>
            )),
        ],
        ["Tags", tags.length > 0 && <Code code={tags.map(([name, value]) => `${name}=${value}`).join("\n")} />],
        ["Declared in", file && <code className="wrap-anywhere">{file}</code>],
      ]}
    />
  );
}
