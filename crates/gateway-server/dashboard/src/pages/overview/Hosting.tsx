// Self-hosted models beside those of vendors: how much each answers, how fast, and what the one saves against the other.

import { type ReactElement, useState } from "react";
import { compact, count, money } from "../../lib/format";
import {
  Button,
  Card,
  Chart,
  Combobox,
  Duration,
  Field,
  Money,
  Popover,
  SplitBar,
  Stat,
  Table,
  Tokens,
} from "../../parts";
import type { HostingShare, Overview } from "./overview";

const NAMES = { self_hosted: "Self-hosted", cloud: "Cloud" } as const;
/** As in the bar of shares, which colours its parts in their order. */
const COLOURS = [1, 2] as const;

interface HostingProps {
  overview: Overview;
  onAgainst: (model: string) => void;
}

export function Hosting({ overview, onAgainst }: HostingProps): ReactElement {
  const { hosting } = overview;
  const times = hosting[0]?.series.map((slot) => Date.parse(slot.timestamp)) ?? [];
  return (
    <Card title="Self-hosted and cloud" actions={<Saved overview={overview} onAgainst={onAgainst} />}>
      <div className="stack">
        <SplitBar
          label="Share of requests"
          parts={hosting.map((one) => ({ label: NAMES[one.hosting], weight: one.total_requests }))}
        />
        <Table
          dense
          caption="Self-hosted and cloud side by side"
          rows={hosting}
          rowKey={(row) => row.hosting}
          columns={[
            { id: "hosting", head: "Where", names: true, cell: (row: HostingShare) => NAMES[row.hosting] },
            { id: "requests", head: "Requests", align: "end", cell: (row) => count(row.total_requests) },
            {
              id: "tokens",
              head: "Tokens",
              align: "end",
              wideOnly: true,
              cell: (row) => <Tokens value={row.total_tokens} />,
            },
            { id: "p50", head: "p50", align: "end", cell: (row) => <Duration value={row.p50_latency} /> },
            { id: "p95", head: "p95", align: "end", cell: (row) => <Duration value={row.p95_latency} /> },
            {
              id: "ttft",
              head: "TTFT",
              align: "end",
              wideOnly: true,
              cell: (row) => <Duration value={row.p50_ttft} />,
            },
            { id: "cost", head: "Cost", align: "end", cell: (row) => <Money value={row.total_cost} /> },
          ]}
        />
        <Chart
          label="Requests by where models run"
          unit="count"
          kind="bars"
          stack
          height={120}
          times={times}
          sync="overview"
          series={hosting.map((one, index) => ({
            label: NAMES[one.hosting],
            colour: COLOURS[index] ?? 1,
            values: one.series.map((slot) => slot.count),
          }))}
        />
      </div>
    </Card>
  );
}

function Saved({ overview: { saved, models }, onAgainst }: HostingProps) {
  const [open, setOpen] = useState(false);
  const [typed, setTyped] = useState<string>();
  if (!saved) return null;
  const against = `${saved.against.provider}/${saved.against.model}`;
  const others = models.flatMap((one) => (one.provider && one.model ? [`${one.provider}/${one.model}`] : []));
  return (
    <div className="row">
      <Stat
        label="Saved"
        value={<Money value={saved.cost} />}
        hint={`${compact(saved.input_tokens + saved.output_tokens)} tokens at the price of ${against}`}
      />
      <Popover
        label="Compare with another model"
        open={open}
        onOpenChange={setOpen}
        align="end"
        trigger={
          <Button size="small" kind="quiet" icon="edit" aria-label={`Change the model to compare with, now ${against}`}>
            Change
          </Button>
        }
      >
        <form
          className="stack-tight"
          onSubmit={(event) => {
            event.preventDefault();
            if (typed) onAgainst(typed);
            setOpen(false);
          }}
        >
          <Field label="Compare with" hint={`As provider/model. Now ${against}: ${money(saved.cost)}.`}>
            <Combobox value={typed ?? against} onChange={setTyped} options={others.map((value) => ({ value }))} />
          </Field>
          <Button kind="primary" type="submit">
            Compare
          </Button>
        </form>
      </Popover>
    </div>
  );
}
