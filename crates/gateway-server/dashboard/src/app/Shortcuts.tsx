import { useRouter } from "@tanstack/react-router";
import { type ReactElement, useEffect, useRef } from "react";
import { Dialog } from "../parts";
import { PLACES } from "./navigation";

const GAP = 1_200;

/** `g o`, `/`, `?`, Ctrl-K: anywhere but in a field or a dialog. */
export function useShortcuts(open: (panel: "palette" | "shortcuts") => void): void {
  const router = useRouter();
  const went = useRef(0);
  useEffect(() => {
    const onKey = (event: KeyboardEvent) => {
      if ((event.metaKey || event.ctrlKey) && event.key.toLowerCase() === "k") {
        event.preventDefault();
        open("palette");
        return;
      }
      if (event.defaultPrevented || event.metaKey || event.ctrlKey || event.altKey || isTaken(event.target)) return;
      const place = event.timeStamp - went.current < GAP && PLACES.find(({ key }) => key === event.key);
      went.current = event.key === "g" ? event.timeStamp : 0;
      if (place) {
        event.preventDefault();
        void router.navigate({ to: place.to });
      } else if (event.key === "/") {
        const search = document.querySelector<HTMLInputElement>("[data-page-search]");
        if (search) event.preventDefault();
        search?.focus();
        search?.select();
      } else if (event.key === "?") {
        event.preventDefault();
        open("shortcuts");
      }
    };
    document.addEventListener("keydown", onKey);
    return () => document.removeEventListener("keydown", onKey);
  }, [router, open]);
}

/** Whether keys mean something else there. */
function isTaken(target: EventTarget | null): boolean {
  return (
    target instanceof Element &&
    target.closest("input, textarea, select, [contenteditable], [role=dialog], [role=menu]") !== null
  );
}

const GENERAL: [string[], string][] = [
  [["Ctrl", "K"], "Go to a page, a provider or a key by name"],
  [["/"], "Search on this page"],
  [["↑", "↓"], "From row to row of a table (also j and k)"],
  [["Enter"], "Open the row"],
  [["Esc"], "Close what is open"],
  [["?"], "This list"],
];

export function Shortcuts({ open, onClose }: { open: boolean; onClose: () => void }): ReactElement {
  return (
    <Dialog open={open} onClose={onClose} title="Keyboard shortcuts">
      <dl className="shortcuts">
        {[...GENERAL, ...PLACES.map((place): [string[], string] => [["g", place.key], place.label])].map(
          ([keys, what]) => (
            <div key={what}>
              <dt>
                {keys.map((key) => (
                  <kbd key={key}>{key}</kbd>
                ))}
              </dt>
              <dd>{what}</dd>
            </div>
          ),
        )}
      </dl>
    </Dialog>
  );
}
