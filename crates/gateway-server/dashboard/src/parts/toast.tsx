// Short messages about what has just happened. `toast.ok("Team saved")`; problems stay until they are closed.

import { type ReactElement, useSyncExternalStore } from "react";
import { IconButton } from "./Button";
import { Icon } from "./icons";
import "./overlay.css";

type Kind = "ok" | "bad" | "info";

interface Toast {
  id: number;
  kind: Kind;
  message: string;
}

const STAYS = 5_000;
const MOST = 4;

let shown: readonly Toast[] = [];
let next = 1;
const readers = new Set<() => void>();

function change(toasts: readonly Toast[]): void {
  shown = toasts;
  for (const read of readers) read();
}

function close(id: number): void {
  change(shown.filter((one) => one.id !== id));
}

function say(kind: Kind, message: string): void {
  const id = next++;
  // The same thing again replaces itself, so that a call that keeps failing does not fill the screen.
  const others = shown.filter((one) => one.message !== message);
  change([...others, { id, kind, message }].slice(-MOST));
  if (kind !== "bad") setTimeout(() => close(id), STAYS);
}

export const toast = {
  ok: (message: string) => say("ok", message),
  info: (message: string) => say("info", message),
  bad: (message: string) => say("bad", message),
};

/** Where they are shown; once, in the frame of the dashboard. */
export function Toasts(): ReactElement {
  const toasts = useSyncExternalStore(
    (read) => {
      readers.add(read);
      return () => readers.delete(read);
    },
    () => shown,
  );
  return (
    <section className="toasts" aria-label="Messages" aria-live="polite" aria-relevant="additions">
      {toasts.map(({ id, kind, message }) => (
        <div key={id} className={`toast toast-${kind}`} role={kind === "bad" ? "alert" : undefined}>
          <span className={`status-${kind}`}>
            <Icon name={kind} />
          </span>
          <p>{message}</p>
          <IconButton icon="close" label="Close this message" size="small" onClick={() => close(id)} />
        </div>
      ))}
    </section>
  );
}
