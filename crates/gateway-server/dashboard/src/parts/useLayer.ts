// A small layer at a button: on top of everything, gone with Escape, a press elsewhere, or when the focus leaves it.

import { type RefObject, useEffect, useLayoutEffect, useRef } from "react";

const GAP = 4;
const EDGE = 8;

export interface LayerOptions {
  open: boolean;
  onClose: () => void;
  /** What it belongs to and takes the focus back. */
  anchor: RefObject<HTMLElement | null>;
  align: "start" | "end";
}

/** Shows the element that the reference is given to; it is there only while it is open, and has `popover="manual"`. */
export function useLayer({ open, onClose, anchor, align }: LayerOptions): RefObject<HTMLDivElement | null> {
  const layer = useRef<HTMLDivElement>(null);
  const close = useRef(onClose);
  useEffect(() => {
    close.current = onClose;
  });
  useLayoutEffect(() => {
    const [box, button] = [layer.current, anchor.current];
    if (!open || !box || !button) return;
    box.showPopover?.();
    const follow = () => placeAt(box, button.getBoundingClientRect(), align);
    follow();
    const inside = (target: EventTarget | null) =>
      target instanceof Node && (box.contains(target) || button.contains(target));
    const onPress = (event: Event) => {
      if (!inside(event.target)) close.current();
    };
    const onKey = (event: KeyboardEvent) => {
      if (event.key !== "Escape" || event.defaultPrevented || box.querySelector("[data-layer]")) return;
      event.preventDefault();
      button.focus();
      close.current();
    };
    const onFocus = (event: FocusEvent) => {
      if (event.relatedTarget && !inside(event.relatedTarget)) close.current();
    };
    document.addEventListener("pointerdown", onPress, true);
    document.addEventListener("keydown", onKey);
    box.addEventListener("focusout", onFocus);
    window.addEventListener("scroll", follow, true);
    window.addEventListener("resize", follow);
    return () => {
      document.removeEventListener("pointerdown", onPress, true);
      document.removeEventListener("keydown", onKey);
      box.removeEventListener("focusout", onFocus);
      window.removeEventListener("scroll", follow, true);
      window.removeEventListener("resize", follow);
    };
  }, [open, anchor, align]);
  return layer;
}

/** Below the anchor, or above where there is more room; never beyond the edges of the window. */
export function placeAt(box: HTMLElement, anchor: DOMRect, align: "start" | "center" | "end"): void {
  const room = { below: window.innerHeight - anchor.bottom - GAP - EDGE, above: anchor.top - GAP - EDGE };
  box.style.maxHeight = "";
  const up = box.offsetHeight > room.below && room.above > room.below;
  box.style.maxHeight = `${up ? room.above : room.below}px`;
  const left = {
    start: anchor.left,
    center: anchor.left + (anchor.width - box.offsetWidth) / 2,
    end: anchor.right - box.offsetWidth,
  }[align];
  box.style.left = `${Math.max(EDGE, Math.min(left, window.innerWidth - box.offsetWidth - EDGE))}px`;
  box.style.top = `${up ? anchor.top - GAP - box.offsetHeight : anchor.bottom + GAP}px`;
}
