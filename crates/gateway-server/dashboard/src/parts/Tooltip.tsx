import { cloneElement, type ReactElement, type ReactNode, useEffect, useRef } from "react";
import "./overlay.css";
import { placeAt } from "./useLayer";

const PATIENCE = 400;

interface Tipped {
  "aria-label"?: string;
  "aria-description"?: string | undefined;
  "data-tip"?: string;
}

/** Says more about what is under the pointer or has the focus. The child is one element that hands attributes on. */
export function Tooltip({ text, children }: { text: string | null; children: ReactElement<Tipped> }): ReactElement {
  if (!text) return children;
  const said = children.props["aria-description"] ?? (children.props["aria-label"] === text ? undefined : text);
  return cloneElement(children, { "data-tip": text, "aria-description": said });
}

/** Where the one tooltip is shown that there is at a time; once, around everything. */
export function TooltipProvider({ children }: { children: ReactNode }): ReactElement {
  const tip = useRef<HTMLDivElement>(null);
  useEffect(() => (tip.current ? followTips(tip.current) : undefined), []);
  return (
    <>
      {children}
      <div ref={tip} className="tooltip" popover="manual" aria-hidden="true" />
    </>
  );
}

/** Listens for what has a tip. */
function followTips(tip: HTMLElement): () => void {
  const stop = new AbortController();
  let timer: ReturnType<typeof setTimeout> | undefined;
  let at: HTMLElement | undefined;
  const hide = () => {
    clearTimeout(timer);
    at = undefined;
    tip.hidePopover?.();
  };
  const show = (target: HTMLElement, after: number) => {
    hide();
    at = target;
    timer = setTimeout(() => {
      if (at !== target || !target.isConnected) return;
      tip.textContent = target.dataset.tip ?? "";
      tip.showPopover?.();
      placeAt(tip, target.getBoundingClientRect(), "center");
    }, after);
  };
  const on = <K extends keyof DocumentEventMap>(kind: K, act: (event: DocumentEventMap[K]) => void) =>
    document.addEventListener(kind, act, { signal: stop.signal, capture: true });
  on("pointerover", (event) => {
    const target = tipped(event.target);
    if (target === at || event.pointerType === "touch") return;
    if (target) show(target, PATIENCE);
    else hide();
  });
  on("focusin", (event) => {
    const target = tipped(event.target);
    if (target?.matches(":focus-visible")) show(target, 0);
  });
  on("focusout", hide);
  on("pointerdown", hide);
  on("scroll", hide);
  on("keydown", (event) => {
    if (event.key === "Escape") hide();
  });
  return () => {
    stop.abort();
    hide();
  };
}

function tipped(target: EventTarget | null): HTMLElement | undefined {
  return (target instanceof Element && target.closest<HTMLElement>("[data-tip]")) || undefined;
}
