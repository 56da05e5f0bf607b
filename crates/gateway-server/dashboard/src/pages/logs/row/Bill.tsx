// Tokens by class with their shares, and what each attempt cost at which price.

import type { ReactElement } from "react";
import { count, exactMoney } from "../../../lib/format";
import { type Column, Money, SplitBar, Table } from "../../../parts";
import type { BilledAmount, BilledAttempt, LogDetail } from "../types";

export function Bill({ row }: { row: LogDetail }): ReactElement {
  const bill = row.ledger;
  if (row.tokens_by_class.length === 0 && !bill) {
    return <p className="soft">Nothing was used, so nothing was charged.</p>;
  }
  const total = row.tokens_by_class.reduce((sum, { tokens }) => sum + tokens, 0);
  return (
    <div className="stack-tight">
      {total > 0 && (
        <SplitBar
          label="Tokens by class"
          parts={row.tokens_by_class.map(({ class: name, tokens }) => ({
            label: `${classWords(name)}: ${count(tokens)}`,
            weight: tokens,
          }))}
        />
      )}
      {row.token_usage && <p className="small soft">{BASES[row.token_usage.basis]}</p>}
      {bill?.legs.map((leg) => (
        <Leg
          key={`${leg.attempt} ${leg.provider} ${leg.key_id} ${leg.model}`}
          leg={leg}
          several={bill.legs.length > 1}
        />
      ))}
      {bill ? (
        <p className="logs-total">
          <span>Booked in all</span> <strong title={exactMoney(bill.total)}>{exactMoney(bill.total)}</strong>
        </p>
      ) : (
        <p className="small soft">There is no entry in the ledger for this request.</p>
      )}
    </div>
  );
}

function Leg({ leg, several }: { leg: BilledAttempt; several: boolean }) {
  const name = several && leg.attempt != null ? `Attempt ${leg.attempt + 1}: ` : "";
  return (
    <div className="stack-tight">
      <p className="small">
        {name}
        <strong>{leg.provider}</strong> / {leg.model} <span className="soft">{priceWords(leg)}</span>
        {leg.overrun_nano_usd > 0 && (
          <span className="status-warn"> · {exactMoney(leg.overrun_nano_usd / 1e9)} beyond what was reserved</span>
        )}
      </p>
      {leg.amounts.length > 0 && (
        <Table
          caption={`What ${leg.provider} charges`}
          columns={AMOUNTS}
          rows={leg.amounts}
          rowKey={(amount) => amount.class}
          dense
        />
      )}
    </div>
  );
}

const AMOUNTS: Column<BilledAmount>[] = [
  { id: "class", head: "Class", cell: (line) => classWords(line.class) },
  { id: "count", head: "Count", align: "end", cell: (line) => count(line.count) },
  {
    id: "price",
    head: "Price",
    align: "end",
    cell: (line) =>
      MEASURES.has(line.class) ? (
        <>
          <Money value={line.unit_price} /> <span className="faint">each</span>
        </>
      ) : (
        <>
          <Money value={line.unit_price * 1e6} /> <span className="faint">per million</span>
        </>
      ),
  },
  { id: "amount", head: "Amount", align: "end", cell: (line) => <Money value={line.amount} /> },
];

const MEASURES: ReadonlySet<string> = new Set(["request", "character", "image", "second", "search"]);

function priceWords(leg: BilledAttempt): string {
  if (leg.unpriced) return "The price is not known, so nothing was charged.";
  if (leg.amounts.length === 0) return leg.cost > 0 ? "at what the provider says it costs" : "costs nothing";
  const from = { catalogue: "the catalogue", provider: "the provider's answer" }[leg.priced_by] ?? leg.priced_by;
  return `at prices from ${from}`;
}

const CLASSES: Record<string, string> = {
  input: "Input",
  cache_read: "Input read from cache",
  cache_read_audio: "Audio read from cache",
  cache_write: "Input written to cache",
  cache_write_hour: "Input written to cache for an hour",
  input_audio: "Audio in",
  input_image: "Images in",
  output: "Output",
  reasoning: "Reasoning",
  output_audio: "Audio out",
  output_image: "Images out",
  request: "Request",
  character: "Characters",
  image: "Images",
  second: "Seconds of sound",
  search: "Searches",
};

function classWords(name: string): string {
  return CLASSES[name] ?? name;
}

const BASES = {
  reported: "As the provider reported it.",
  counted: "Counted from what passed, because the provider did not report it.",
  estimated: "Estimated: the provider did not report it, and it could not be counted.",
} as const;
