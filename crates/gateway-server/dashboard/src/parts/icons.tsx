// The icons: paths on a grid of 16, drawn with a stroke. They stand beside a text or in a button that has a name, so that
// they say nothing to screen readers themselves.

import type { ReactElement } from "react";

const PATHS = {
  overview: "M2 14h12M4 11V8M8 11V3M12 11V6",
  logs: "M5.5 4H14M5.5 8H14M5.5 12H14M2 4h.01M2 8h.01M2 12h.01",
  providers: "M3 3h10v4H3zM3 9h10v4H3zM5.5 5h.01M5.5 11h.01",
  models: "M8 1.8 13.5 5v6L8 14.2 2.5 11V5zM2.5 5 8 8.2 13.5 5M8 8.2v6",
  routing: "M2 8h4M6 8c3 0 2-4.5 5-4.5h3M6 8c3 0 2 4.5 5 4.5h3M12 1.5l2 2-2 2M12 10.5l2 2-2 2",
  playground: "M2 3h12v8H7.5L4.5 13.5V11H2z",
  keys: "M10 6.5a3.5 3.5 0 1 0-3.2 3.5L8 8.8V10h1.5v1.5H11V13h2.5v-2.5L9.8 7.2M5.5 5.5h.01",
  teams:
    "M6 7.5a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5M1.5 13.5c0-2.5 2-4 4.5-4s4.5 1.5 4.5 4M11 7.3a2.2 2.2 0 0 0 0-4.3M12 9.8c1.6.5 2.5 1.9 2.5 3.7",
  customers: "M3 14V2.5h6V14M9 6h4v8M1.5 14h13M5 5h2M5 8h2M5 11h2M11 9h.01M11 11.5h.01",
  settings:
    "M2 4.5h7M12.5 4.5H14M2 11.5h1.5M7 11.5h7M10.8 6.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4M5.2 13.2a1.7 1.7 0 1 0 0-3.4 1.7 1.7 0 0 0 0 3.4",
  api: "M5 4 1.5 8 5 12M11 4l3.5 4L11 12M9 2.5l-2 11",
  search: "M7 12A5 5 0 1 0 7 2a5 5 0 0 0 0 10M10.7 10.7 14 14",
  plus: "M8 3v10M3 8h10",
  minus: "M3 8h10",
  close: "M3.5 3.5l9 9M12.5 3.5l-9 9",
  check: "M2.5 8.5 6 12l7.5-8",
  down: "M4 6l4 4 4-4",
  up: "M4 10l4-4 4 4",
  left: "M10 4 6 8l4 4",
  right: "M6 4l4 4-4 4",
  sort: "M5 6.5 8 3.5l3 3M5 9.5l3 3 3-3",
  copy: "M5.5 5.5h8v8h-8zM10.5 5.5v-3h-8v8h3",
  edit: "M10.5 2.8l2.7 2.7L5.5 13.2l-3.3.6.6-3.3zM9 4.3l2.7 2.7",
  trash: "M2.5 4.5h11M6 4.5v-2h4v2M4 4.5l.6 9h6.8l.6-9M6.8 7v4M9.2 7v4",
  more: "M3.5 8h.01M8 8h.01M12.5 8h.01",
  menu: "M2 4h12M2 8h12M2 12h12",
  refresh: "M13.5 8A5.5 5.5 0 1 1 11.6 3.8L13.5 5.5M13.5 2v3.5H10",
  rotate: "M2.5 6.5A5.7 5.7 0 0 1 13 5.2M13.5 2v3.5H10M13.5 9.5A5.7 5.7 0 0 1 3 10.8M2.5 14v-3.5H6",
  play: "M4.5 2.5l9 5.5-9 5.5z",
  pause: "M5 3v10M11 3v10",
  stop: "M3.5 3.5h9v9h-9z",
  sun: "M8 11a3 3 0 1 0 0-6 3 3 0 0 0 0 6M8 1.2v1.3M8 13.5v1.3M1.2 8h1.3M13.5 8h1.3M3.2 3.2l.9.9M11.9 11.9l.9.9M12.8 3.2l-.9.9M4.1 11.9l-.9.9",
  moon: "M13.5 9.5A6 6 0 0 1 6.5 2.5a6 6 0 1 0 7 7",
  screen: "M2 2.5h12v8.5H2zM5.5 14h5M8 11v3",
  user: "M8 8a3 3 0 1 0 0-6 3 3 0 0 0 0 6M2.5 14c0-2.8 2.4-4.5 5.5-4.5s5.5 1.7 5.5 4.5",
  leave: "M9.5 2.5h-6v11h6M6.5 8H14M11.5 5.5 14 8l-2.5 2.5",
  info: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 7.5V11M8 5h.01",
  warn: "M8 2.2 14.3 13H1.7zM8 6.5v3M8 11.3h.01",
  bad: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 5v3.5M8 11h.01",
  ok: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M5.3 8.2l2 2 3.4-4",
  filter: "M2 3h12L9.5 8.5v4l-3 1.5V8.5z",
  clock: "M8 14A6 6 0 1 0 8 2a6 6 0 0 0 0 12M8 4.5V8l2.5 1.5",
  link: "M6.8 9.2a2.8 2.8 0 0 0 4 0l2.4-2.4a2.8 2.8 0 0 0-4-4L8.4 3.6M9.2 6.8a2.8 2.8 0 0 0-4 0L2.8 9.2a2.8 2.8 0 0 0 4 4l.8-.8",
  out: "M6.5 3H3v10h10V9.5M9.5 2.5h4v4M13.5 2.5 7.5 8.5",
  download: "M8 2v8.5M4.5 7 8 10.5 11.5 7M2.5 13.5h11",
  upload: "M8 10.5V2M4.5 5.5 8 2l3.5 3.5M2.5 13.5h11",
  bolt: "M9 1.5 3 9h4.5L7 14.5 13 7H8.5z",
  shield: "M8 1.8l5 1.9v4c0 3.2-2 5.3-5 6.5-3-1.2-5-3.3-5-6.5v-4z",
  history: "M2.5 8a5.5 5.5 0 1 1 1.9 4.2M2.5 12.5V9.3h3.2M8 5v3.2l2.2 1.3",
  table: "M2 3h12v10H2zM2 6.5h12M6.5 6.5V13",
  chart: "M2 2v12h12M4.5 10.5 7.5 7l2.5 2 4-5",
  eye: "M1.5 8S4 3.5 8 3.5 14.5 8 14.5 8 12 12.5 8 12.5 1.5 8 1.5 8M8 10a2 2 0 1 0 0-4 2 2 0 0 0 0 4",
  lock: "M3.5 7h9v6.5h-9zM5.5 7V5a2.5 2.5 0 0 1 5 0v2",
  columns: "M2 2.5h12v11H2zM8 2.5v11",
  drag: "M6 4h.01M10 4h.01M6 8h.01M10 8h.01M6 12h.01M10 12h.01",
  tag: "M2 2h5.5L14 8.5 8.5 14 2 7.5zM5 5h.01",
  send: "M14 2 7 9M14 2 9.5 14 7 9 2 6.5z",
} as const;

export type IconName = keyof typeof PATHS;

/** One icon, in the colour of the text around it. */
export function Icon({ name, size = 16 }: { name: IconName; size?: number }): ReactElement {
  return (
    <svg
      className="icon"
      width={size}
      height={size}
      viewBox="0 0 16 16"
      fill="none"
      stroke="currentColor"
      strokeWidth={DOTTED.has(name) ? 2 : 1.5}
      strokeLinecap="round"
      strokeLinejoin="round"
      aria-hidden="true"
      focusable="false"
    >
      <path d={PATHS[name]} />
    </svg>
  );
}

const DOTTED: ReadonlySet<IconName> = new Set(["more", "drag"]);
