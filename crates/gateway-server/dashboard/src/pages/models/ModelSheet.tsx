import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { type components, query } from "../../api/client";
import { useMay } from "../../app/session";
import { compact, percent, plural } from "../../lib/format";
import {
  Badge,
  Button,
  Chart,
  CopyButton,
  Duration,
  Empty,
  KeyValue,
  Loading,
  Money,
  Problem,
  Sheet,
  Stat,
  Status,
  Tokens,
} from "../../parts";
import { ability } from "./ability";
import { partsOf } from "./at";
import { ModelLimits } from "./ModelLimits";
import { PriceTable } from "./PriceTable";
import { overrideOf } from "./price";

type Model = components["schemas"]["Model"];

export interface ModelSheetProps {
  /** `provider/model`. */
  at: string;
  /** Opens the form of an override: its id, or `new`. */
  onPrice: (id: string) => void;
  onClose: () => void;
}

/** One model at one provider: what it can do, what it costs, its limits, its use, who may ask for it. */
export function ModelSheet({ at, onPrice, onClose }: ModelSheetProps): ReactElement {
  const { provider, model } = partsOf(at);
  const found = useQuery(query("/api/models/details", { params: { query: { provider, model, all: true, limit: 1 } } }));
  const one = found.data?.models[0];
  return (
    <Sheet
      open
      wide
      onClose={onClose}
      title={<span className="mono wrap-anywhere">{model}</span>}
      about={one && <Where model={one} />}
      actions={
        one?.configured && (
          <Link className="button button-primary" to="/playground" search={{ model: at }}>
            Try it in the playground
          </Link>
        )
      }
    >
      {found.error && <Problem error={found.error} onRetry={() => void found.refetch()} />}
      {found.isPending && <Loading lines={8} />}
      {found.data && !one && (
        <Empty title="This model is not known" icon="models">
          No provider lists {model}, and it is not in the catalogue. A call can name it all the same.
        </Empty>
      )}
      {one && <About model={one} onPrice={onPrice} />}
    </Sheet>
  );
}

function Where({ model }: { model: Model }) {
  return (
    <span className="row">
      {model.configured ? (
        <>
          <Status tone={model.reachable ? "ok" : "bad"}>
            {model.reachable ? "Can be called" : "Cannot be reached now"}
          </Status>
          <span>
            at{" "}
            <Link to="/providers/$name" params={{ name: model.provider }}>
              {model.provider}
            </Link>
          </span>
          {model.self_hosted && <Badge tone="info">self-hosted</Badge>}
          <CopyButton text={`${model.provider}/${model.name}`} label="Copy the name for calls" />
        </>
      ) : (
        <Status tone="muted">{`Not served here; known of ${model.provider} from the catalogue`}</Status>
      )}
    </span>
  );
}

function About({ model, onPrice }: { model: Model; onPrice: (id: string) => void }) {
  const { why } = useMay("operator");
  const override = overrideOf(model.price);
  const { input_modalities: input, output_modalities: output } = model.architecture;
  return (
    <div className="models-sheet">
      <section aria-labelledby="models-facts">
        <h3 id="models-facts">What it is</h3>
        <KeyValue
          columns={2}
          items={[
            ["For", model.mode?.replaceAll("_", " ")],
            ["Takes and gives", `${input.join(", ")} → ${output.join(", ")}`],
            ["Context", typeof model.context_length === "number" && <Tokens value={model.context_length} />],
            ["Most output", typeof model.max_output_tokens === "number" && <Tokens value={model.max_output_tokens} />],
            ["Known from", model.discovered ? "the provider's own list" : "the catalogue or the settings"],
            ["Served by", model.served_by.join(", ")],
          ]}
        />
        {model.capabilities.length > 0 && (
          <p className="models-marks">
            {model.capabilities.map((cap) => (
              <Badge key={cap}>{ability(cap)}</Badge>
            ))}
          </p>
        )}
      </section>
      <section aria-labelledby="models-prices">
        <div className="models-section-head">
          <h3 id="models-prices">Prices</h3>
          <Button size="small" icon="tag" disabledBecause={why} onClick={() => onPrice(override ?? "new")}>
            {override ? "Edit the price set here" : "Set a price"}
          </Button>
        </div>
        <PriceTable price={model.price} />
      </section>
      {model.configured && <Usage model={model} />}
      <ModelLimits provider={model.provider} model={model.name} />
      {model.configured && (
        <section aria-labelledby="models-keys">
          <h3 id="models-keys">Who may ask for it</h3>
          <Keys keys={model.virtual_keys ?? []} />
        </section>
      )}
    </div>
  );
}

/** The last seven days. The figures are of the name, whichever provider answered. */
function Usage({ model }: { model: Model }) {
  const week = useQuery(query("/api/overview", { params: { query: { minutes: 7 * 24 * 60, models: model.name } } }));
  const { totals, series } = week.data ?? {};
  const none = totals?.total_requests === 0;
  return (
    <section aria-labelledby="models-usage">
      <div className="models-section-head">
        <h3 id="models-usage">Last 7 days</h3>
        <Link to="/logs" search={{ range: "7d", model: [model.name] }}>
          Open its log
        </Link>
      </div>
      {week.error && <Problem error={week.error} onRetry={() => void week.refetch()} />}
      {none && <p className="soft">No call was answered by it.</p>}
      {!none && !week.error && (
        <>
          <div className="models-stats">
            <Stat label="Requests" value={totals ? compact(totals.total_requests) : "–"} />
            <Stat label="Success" value={totals ? percent(totals.success_rate / 100) : "–"} />
            <Stat label="Tokens" value={<Tokens value={totals?.total_tokens} />} />
            <Stat label="Cost" value={<Money value={totals?.total_cost} />} />
            <Stat label="Latency p95" value={<Duration value={totals?.p95_latency} />} />
          </div>
          <Chart
            label={`Requests to ${model.name} over the last 7 days`}
            unit="count"
            kind="bars"
            height={110}
            times={series?.map((slot) => Date.parse(slot.timestamp))}
            series={[{ label: "Requests", values: series?.map((slot) => slot.count) ?? [] }]}
          />
        </>
      )}
    </section>
  );
}

function Keys({ keys }: { keys: { id: string; name: string }[] }) {
  if (keys.length === 0) return <p className="soft">No virtual key may.</p>;
  const first = keys.slice(0, 12);
  return (
    <>
      <p className="soft small">{plural(keys.length, "virtual key")}</p>
      <ul className="models-keys">
        {first.map(({ id, name }) => (
          <li key={id}>
            <Link to="/keys" search={{ open: id }}>
              {name}
            </Link>
          </li>
        ))}
        {keys.length > first.length && <li className="soft">and {keys.length - first.length} more</li>}
      </ul>
    </>
  );
}
