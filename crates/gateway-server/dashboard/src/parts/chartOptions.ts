// How a chart is drawn: colours of the theme, axes in the unit, a tooltip at the cursor.

import uPlot from "uplot";
import { clock, day, UNITS, type Unit } from "../lib/format";
import { colourOf, type Series } from "./Chart";

interface Look {
  series: () => readonly Series[];
  kind: "line" | "area" | "bars";
  stack: boolean;
  unit: Unit;
  sync: string | undefined;
  width: number;
  height: number;
  zoom: ((from: Date, to: Date) => void) | undefined;
}

/** The data as it is drawn: seconds, and with `stack` each series on top of those before it. */
export function stacked(times: readonly number[], series: readonly Series[], stack: boolean): uPlot.AlignedData {
  const seconds = times.map((time) => time / 1000);
  if (!stack) return [seconds, ...series.map((one) => [...one.values])];
  const sum = times.map(() => 0);
  const layers = series.map((one) =>
    times.map((_, index) => {
      const upTo = (sum[index] ?? 0) + (one.values[index] ?? 0);
      sum[index] = upTo;
      return upTo;
    }),
  );
  // Filled down to the ground, the highest is drawn first and the ones below over it.
  return [seconds, ...layers.reverse()];
}

export function chartOptions(look: Look): uPlot.Options {
  const colour = coloursOf(document.documentElement);
  const all = look.series();
  const bars = uPlot.paths.bars?.({ size: [0.8, 40, 1], align: 1 });
  const lines: uPlot.Series[] = all.map((one, index) => {
    const stroke = colour(colourOf(one, index));
    const fills = look.kind !== "line";
    const alpha = look.stack || look.kind === "bars" ? "" : "33";
    return {
      label: one.label,
      stroke,
      width: look.kind === "bars" || look.stack ? 0 : 1.5,
      fill: fills ? `${stroke}${alpha}` : undefined,
      paths: look.kind === "bars" ? bars : undefined,
      points: { show: (_, __, from, to) => to - from < 2, size: 5 },
      spanGaps: false,
    };
  });
  const axis = { stroke: colour("text-soft"), grid: { stroke: colour("line"), width: 1 }, ticks: { show: false } };
  const font = `12px ${getComputedStyle(document.body).fontFamily}`;
  return {
    width: Math.max(look.width, 60),
    height: look.height,
    padding: [8, 8, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { show: !look.stack && look.kind !== "bars", size: 6 },
      drag: { x: look.zoom !== undefined, y: false, setScale: false },
      ...(look.sync ? { sync: { key: look.sync, setSeries: false } } : {}),
    },
    scales: {
      // A bar stands right of its time: the last one has room too.
      ...(look.kind === "bars" ? { x: { range: (chart, from, to) => [from, to + stepOf(chart.data[0])] } } : {}),
      y: { range: (_, least, most) => [Math.min(0, least), most > 0 ? most * 1.08 : 1] },
    },
    series: [{}, ...(look.stack ? lines.reverse() : lines)],
    axes: [
      { ...axis, font, grid: { show: false }, size: 28, space: 70, values: timeLabels },
      {
        ...axis,
        font,
        size: axisSize,
        space: 36,
        incrs: look.unit === "count" || look.unit === "tokens" ? WHOLE_STEPS : undefined,
        values: (_, splits) => splits.map((value) => UNITS[look.unit].axis(value)),
      },
    ],
    hooks: {
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width > 4 && look.zoom) {
            look.zoom(new Date(plot.posToVal(left, "x") * 1000), new Date(plot.posToVal(left + width, "x") * 1000));
            plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          }
        },
      ],
    },
    plugins: [tooltip(look)],
  };
}

/** Nobody makes half a request. */
const WHOLE_STEPS = Array.from({ length: 13 }, (_, power) => [1, 2, 5].map((step) => step * 10 ** power)).flat();

/** Room for the widest label. */
const axisSize: uPlot.Axis.Size = (plot, values) => {
  const longest = Math.max(0, ...(values ?? []).map((value) => value.length));
  return Math.max(36, longest * 7 + 14) * (plot.width < 320 ? 0.9 : 1);
};

const SHORT_DAY = 36 * 3600;

/** The time of day within a day or so, else the day. */
function timeLabels(_: uPlot, splits: number[]): string[] {
  const now = new Date();
  const reach = (splits.at(-1) ?? 0) - (splits[0] ?? 0);
  const step = (splits[1] ?? 0) - (splits[0] ?? 0);
  return splits.map((seconds) => {
    const date = new Date(seconds * 1000);
    const midnight = date.getHours() === 0 && date.getMinutes() === 0 && date.getSeconds() === 0;
    if (reach > SHORT_DAY && (midnight || step >= 86_400)) return day(date, now);
    const time = clock(date, date);
    return step < 60 ? time : time.slice(0, 5);
  });
}

function coloursOf(element: Element): (name: string | number) => string {
  const style = getComputedStyle(element);
  return (name) => {
    const variable = typeof name === "number" ? `--series-${name}` : MARKS.has(name) ? `--${name}-mark` : `--${name}`;
    return style.getPropertyValue(variable).trim();
  };
}

const MARKS: ReadonlySet<string> = new Set(["ok", "warn", "bad", "info", "muted"]);

/** What stands at the cursor: the time, and each series with its own value, not with the height it is drawn at. */
function tooltip(look: Look): uPlot.Plugin {
  const box = document.createElement("div");
  box.className = "chart-tip";
  box.hidden = true;
  return {
    hooks: {
      init: (plot) => plot.over.append(box),
      setCursor: (plot) => {
        const { idx, left = -1, top = 0 } = plot.cursor;
        const seconds = idx === null || idx === undefined ? undefined : plot.data[0][idx];
        box.hidden = seconds === undefined || left < 0;
        if (box.hidden || seconds === undefined || idx === null || idx === undefined) return;
        fill(box, new Date(seconds * 1000), look, idx);
        const room = plot.over.clientWidth;
        const x = left + box.offsetWidth + 16 > room ? left - box.offsetWidth - 12 : left + 12;
        const y = Math.max(0, Math.min(top, plot.over.clientHeight - box.offsetHeight));
        box.style.transform = `translate(${Math.max(x, -40)}px, ${y}px)`;
      },
    },
  };
}

function fill(box: HTMLElement, time: Date, look: Look, index: number): void {
  const head = document.createElement("div");
  head.className = "chart-tip-time";
  head.textContent = clock(time, new Date());
  const rows = look.series().map((one, at) => {
    const row = document.createElement("div");
    row.className = "chart-tip-row";
    const swatch = document.createElement("span");
    swatch.className = `swatch swatch-${colourOf(one, at)}`;
    const value = document.createElement("b");
    value.textContent = UNITS[look.unit].full(one.values[index]);
    row.append(swatch, one.label, value);
    return row;
  });
  box.replaceChildren(head, ...rows);
}

/** How far the times lie apart. */
function stepOf(times: ArrayLike<number>): number {
  const [first = 0, second = first] = [times[0], times[1]];
  return second - first;
}
