// The range over time. All charts share one cursor; a stretch drawn in one of them becomes the range.

import type { ReactElement } from "react";
import { Card, Chart, type ChartProps } from "../../parts";
import type { Slot } from "./overview";

interface ChartsProps {
  series: readonly Slot[] | undefined;
  onZoom: (from: Date, to: Date) => void;
}

type Drawing = Pick<ChartProps, "label" | "unit" | "series" | "kind" | "stack">;

export function Charts({ series, onZoom }: ChartsProps): ReactElement {
  const times = series?.map((slot) => Date.parse(slot.timestamp));
  return (
    <section className="overview-charts" aria-label="Over time">
      {drawings(series ?? []).map((drawing) => (
        <Card key={drawing.label} title={drawing.label}>
          <Chart {...drawing} times={times} sync="overview" height={170} onZoom={onZoom} />
        </Card>
      ))}
    </section>
  );
}

function drawings(slots: readonly Slot[]): Drawing[] {
  const of = (value: (slot: Slot) => number | null) => slots.map(value);
  /** What cannot be told of a time without requests. */
  const where = (value: (slot: Slot) => number | null) => slots.map((slot) => (slot.count > 0 ? value(slot) : null));
  return [
    {
      label: "Requests",
      unit: "count",
      kind: "bars",
      stack: true,
      series: [
        { label: "Succeeded", colour: 1, values: of((slot) => slot.success) },
        { label: "Failed", colour: "bad", values: of((slot) => slot.errors) },
        { label: "Cancelled", colour: "muted", values: of((slot) => slot.cancelled) },
      ],
    },
    {
      label: "Success rate",
      unit: "percent",
      series: [{ label: "Succeeded", colour: "ok", values: where((slot) => slot.success_rate / 100) }],
    },
    {
      label: "Tokens",
      unit: "tokens",
      kind: "bars",
      stack: true,
      series: [
        { label: "Input", colour: 1, values: of((slot) => Math.max(0, slot.input_tokens - slot.cached_tokens)) },
        { label: "Cached input", colour: 3, values: of((slot) => slot.cached_tokens) },
        { label: "Output", colour: 2, values: of((slot) => Math.max(0, slot.output_tokens - slot.reasoning_tokens)) },
        { label: "Reasoning", colour: 4, values: of((slot) => slot.reasoning_tokens) },
      ],
    },
    {
      label: "Cost",
      unit: "money",
      kind: "bars",
      series: [{ label: "Cost", colour: 5, values: of((slot) => slot.total_cost) }],
    },
    {
      label: "Latency",
      unit: "ms",
      series: [
        { label: "p50", colour: 1, values: where((slot) => slot.p50_latency) },
        { label: "p95", colour: 2, values: where((slot) => slot.p95_latency) },
      ],
    },
    {
      label: "Time to first token",
      unit: "ms",
      series: [
        { label: "p50", colour: 1, values: where((slot) => slot.p50_ttft) },
        { label: "p95", colour: 2, values: where((slot) => slot.p95_ttft) },
      ],
    },
  ];
}
