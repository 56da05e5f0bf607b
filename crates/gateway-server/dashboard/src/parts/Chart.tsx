import { type ReactElement, useEffect, useId, useMemo, useRef, useState } from "react";
import uPlot from "uplot";
import "uplot/dist/uPlot.min.css";
import { useTheme } from "../app/theme";
import { clock, UNITS, type Unit } from "../lib/format";
import { Button } from "./Button";
import "./chart.css";
import { chartOptions, stacked } from "./chartOptions";
import { Empty, Skeleton } from "./states";

export interface Series {
  label: string;
  /** One value per time; null where there is none. */
  values: readonly (number | null)[];
  /** One of the eight series colours, or a status; by position unless said. */
  colour?: SeriesColour;
}

export type SeriesColour = 1 | 2 | 3 | 4 | 5 | 6 | 7 | 8 | "ok" | "warn" | "bad" | "info" | "muted";

export interface ChartProps {
  /** What it shows, for screen readers and the table. */
  label: string;
  /** Beginnings of the intervals, in milliseconds since 1970, rising. Undefined while they are loaded. */
  times: readonly number[] | undefined;
  series: readonly Series[];
  kind?: "line" | "area" | "bars";
  /** On top of each other: parts of a whole. */
  stack?: boolean;
  unit: Unit;
  height?: number;
  /** Charts with the same word show their cursor at the same time. */
  sync?: string;
  /** A range drawn with the mouse. */
  onZoom?: (from: Date, to: Date) => void;
  empty?: string;
}

/** Values over time. The same numbers are there as a table. */
export function Chart(props: ChartProps): ReactElement {
  const { label, times, series, height = 200, empty = "No data in this range" } = props;
  const [asTable, setAsTable] = useState(false);
  const summary = useId();
  const nothing = times !== undefined && !series.some((one) => one.values.some((value) => value !== null));
  if (!times) {
    return (
      <div className="chart" role="status" style={{ height }}>
        <span className="sr-only">Loading {label}</span>
        <Skeleton width="100%" height={`${height}px`} />
      </div>
    );
  }
  if (nothing) return <Empty title={empty} icon="chart" />;
  return (
    <figure className="chart" aria-labelledby={summary}>
      <figcaption id={summary} className="sr-only">
        {label}. {summarise(props)}
      </figcaption>
      {asTable ? <ChartTable {...props} times={times} /> : <Canvas {...props} times={times} />}
      <div className="chart-foot">
        <Legend {...props} />
        <Button kind="quiet" size="small" icon={asTable ? "chart" : "table"} onClick={() => setAsTable(!asTable)}>
          {asTable ? "Chart" : "Table"}
          <span className="sr-only"> of {label}</span>
        </Button>
      </div>
    </figure>
  );
}

type Drawn = ChartProps & { times: readonly number[] };

function Canvas({ times, series, kind = "line", stack = false, unit, height = 200, sync, onZoom }: Drawn) {
  const box = useRef<HTMLDivElement>(null);
  const zoom = useRef(onZoom);
  const { shown } = useTheme();
  const data = useMemo(() => stacked(times, series, stack), [times, series, stack]);
  // What the drawing is made of besides its data: a change makes it anew, new data does not.
  const look = JSON.stringify([
    series.map(({ label, colour }) => [label, colour]),
    kind,
    stack,
    unit,
    height,
    sync,
    shown,
  ]);
  const latest = useRef({ data, series });
  const plot = useRef<uPlot>(null);

  useEffect(() => {
    zoom.current = onZoom;
    latest.current = { data, series };
    plot.current?.setData(data);
  }, [data, series, onZoom]);

  // biome-ignore lint/correctness/useExhaustiveDependencies: `look` stands for everything that is read here
  useEffect(() => {
    const place = box.current;
    if (!place) return;
    const options = chartOptions({
      series: () => latest.current.series,
      kind,
      stack,
      unit,
      sync,
      width: place.clientWidth,
      height,
      zoom: zoom.current && ((from, to) => zoom.current?.(from, to)),
    });
    const drawn = new uPlot(options, latest.current.data, place);
    plot.current = drawn;
    const watcher = new ResizeObserver(() => drawn.setSize({ width: place.clientWidth, height }));
    watcher.observe(place);
    return () => {
      watcher.disconnect();
      drawn.destroy();
      plot.current = null;
    };
  }, [look]);

  return <div ref={box} className="chart-canvas" style={{ height }} aria-hidden="true" />;
}

function Legend({ series }: ChartProps) {
  return (
    <ul className="chart-legend">
      {series.map((one, index) => (
        <li key={one.label}>
          <span className={`swatch swatch-${colourOf(one, index)}`} aria-hidden="true" />
          {one.label}
        </li>
      ))}
    </ul>
  );
}

export function colourOf(series: Series, index: number): SeriesColour {
  return series.colour ?? (((index % 8) + 1) as SeriesColour);
}

function ChartTable({ times, series, unit, label, height = 200 }: Drawn) {
  const now = new Date();
  return (
    <div
      className="table-scroll"
      style={{ maxHeight: Math.max(height, 240) }}
      role="group"
      aria-label={label}
      tabIndex={0}
    >
      <table className="table table-dense">
        <caption className="sr-only">{label}</caption>
        <thead>
          <tr>
            <th scope="col">Time</th>
            {series.map((one) => (
              <th key={one.label} scope="col" className="end">
                {one.label}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {times.map((time, index) => (
            <tr key={time}>
              <th scope="row">{clock(new Date(time), now)}</th>
              {series.map((one) => (
                <td key={one.label} className="end">
                  {UNITS[unit].full(one.values[index])}
                </td>
              ))}
            </tr>
          ))}
        </tbody>
      </table>
    </div>
  );
}

/** The most and the last of each series, in a sentence. */
function summarise({ series, unit }: ChartProps): string {
  const write = UNITS[unit].full;
  return series
    .map((one) => {
      const there = one.values.filter((value) => value !== null);
      return there.length === 0
        ? `${one.label}: no data.`
        : `${one.label}: at most ${write(Math.max(...there))}, last ${write(there.at(-1))}.`;
    })
    .join(" ");
}
