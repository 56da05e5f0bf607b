import { getRouteApi, Link } from "@tanstack/react-router";
import clsx from "clsx";
import type { ReactNode } from "react";
import { count, percent } from "../../lib/format";
import { Button, Card, CopyButton, Icon, Meter, Status, type Tone } from "../../parts";
import { Candidates } from "./Candidates";
import { Said } from "./Said";
import { Condition } from "./Sentence";
import { placeName } from "./sentence";
import type { Explanation } from "./WhatIf";
import { type Asking, curl } from "./whatif";

const route = getRouteApi("/routing");

/** The plan: what happens in the end, who is asked in which order, which rule decides, which limits are met. */
export function Plan({ told, asked, old }: { told: Explanation; asked: Asking; old: boolean }): ReactNode {
  return (
    <div className={clsx("stack", old && "routing-old")}>
      <Ending told={told} asked={asked} />
      {told.candidates.length > 0 && <Candidates told={told} />}
      {told.not_allowed.length > 0 && (
        <Card title="Not candidates">
          <ul className="routing-list">
            {told.not_allowed.map(({ provider, why }) => (
              <li key={`${provider} ${why}`}>
                <strong>{provider}</strong> <span className="soft">{why}</span>
              </li>
            ))}
          </ul>
        </Card>
      )}
      {told.routing && <Rules routing={told.routing} />}
      {told.limits.length > 0 && <Limits limits={told.limits} />}
      <p className="faint small">
        About {count(told.request.input_estimate)} tokens in
        {told.request.max_output ? `, at most ${count(told.request.max_output)} out` : ""} · settings revision{" "}
        {told.revision} · lots drawn from <span className="mono wrap-anywhere">{told.replay}</span>
      </p>
    </div>
  );
}

function Ending({ told, asked }: { told: Explanation; asked: Asking }) {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { refusal, sentence } = told.outcome;
  const draw = () => {
    const seed = String(Math.floor(Math.random() * Number.MAX_SAFE_INTEGER));
    void navigate({ search: (now) => ({ ...now, seed }), replace: true });
  };
  return (
    <section className={clsx("routing-ending", refusal && "routing-refused")} aria-label="In the end">
      <div className="routing-ending-head">
        <Icon name={refusal ? "bad" : "ok"} />
        <p role="status">
          <Said>{sentence}</Said>
        </p>
      </div>
      {told.why.length > 0 && (
        <ul className="routing-why soft small">
          {told.why.map((line) => (
            <li key={line}>
              <Said>{line}</Said>
            </li>
          ))}
        </ul>
      )}
      <div className="row">
        <Link
          className="button button-plain button-small"
          to="/playground"
          search={{
            model: search.model,
            key: search.key,
            max: search.max,
            message: search.message,
            fallback: search.fallback,
          }}
        >
          <Icon name="play" />
          <span>Run it in the playground</span>
        </Link>
        <Button size="small" icon="rotate" onClick={draw}>
          Draw again
        </Button>
        <CopyButton
          text={curl(asked, window.location.origin, { key: Boolean(search.key) })}
          label="Copy as curl"
          withText
        />
        <CopyButton text={window.location.href} label="Copy link" withText />
      </div>
    </section>
  );
}

type Verdict = NonNullable<Explanation["routing"]>["rules"][number]["verdict"];
const VERDICTS: Record<Verdict, { tone: Tone; says: string }> = {
  fits: { tone: "ok", says: "Fits" },
  does_not: { tone: "muted", says: "Does not fit" },
  undecided: { tone: "warn", says: "Cannot be decided" },
  not_asked: { tone: "muted", says: "Not asked" },
};

function Rules({ routing }: { routing: NonNullable<Explanation["routing"]> }) {
  const search = route.useSearch();
  return (
    <Card title="Rules" about="In the order in which they are asked.">
      <ol className="routing-asked">
        {routing.rules.map((rule) => (
          <li key={rule.id} className={clsx(rule.verdict === "not_asked" && "routing-off")}>
            <div className="row">
              <Status tone={VERDICTS[rule.verdict].tone}>{VERDICTS[rule.verdict].says}</Status>
              <Link to="/routing" search={{ ...search, rule: rule.id }}>
                {rule.name}
              </Link>
              <span className="faint small">
                {rule.scope === "global"
                  ? "for everybody"
                  : `for ${rule.scope.replace("_", " ")} ${rule.scope_id ?? ""}`}
              </span>
            </div>
            <p className="small">
              <Condition cel={rule.condition} />
            </p>
            {rule.why && rule.condition.trim() && (
              <p className="soft small wrap-anywhere">
                <Said>{rule.why}</Said>
              </p>
            )}
            {rule.verdict === "fits" && rule.targets.length > 1 && (
              <p className="soft small">
                {rule.targets.map((target, index) => (
                  <span key={placeName(target)}>
                    {index > 0 && " · "}
                    {percent(target.share)} {placeName(target)}
                    {target.drawn && " (drawn here)"}
                  </span>
                ))}
              </p>
            )}
          </li>
        ))}
      </ol>
    </Card>
  );
}

const UNIT = { nano_usd: "money", requests: "count", tokens: "tokens", in_flight: "count" } as const;
const NAMES = { nano_usd: "Budget", requests: "Requests", tokens: "Tokens", in_flight: "Calls at a time" } as const;

function Limits({ limits }: { limits: Explanation["limits"] }) {
  return (
    <Card title="Limits on the way">
      <div className="routing-limits">
        {limits.map(({ quota, owner, unit, limit, used, held, resets_at }) => {
          const scale = unit === "nano_usd" ? 1e-9 : 1;
          return (
            <Meter
              key={quota}
              showLabel
              label={`${NAMES[unit]} of ${owner ?? quota}`}
              used={used * scale}
              held={held * scale}
              limit={limit * scale}
              unit={UNIT[unit]}
              resetsAt={resets_at}
            />
          );
        })}
      </div>
    </Card>
  );
}
