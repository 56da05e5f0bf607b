import { type CSSProperties, type RefObject, useLayoutEffect, useState } from "react";

const GAP = 4;
const TALLEST = 288;

/**
 * Where a list stands that belongs to a box: below it, or above where there is more room, on the window, so that no scrolling
 * parent cuts it off. Follows the box while it is shown.
 */
export function useBelow(box: RefObject<HTMLElement | null>, shown: boolean): CSSProperties | undefined {
  const [place, setPlace] = useState<CSSProperties>();
  useLayoutEffect(() => {
    if (!shown) return;
    const follow = () => {
      const edges = box.current?.getBoundingClientRect();
      if (edges) setPlace(beside(edges, window.innerHeight));
    };
    follow();
    window.addEventListener("scroll", follow, true);
    window.addEventListener("resize", follow);
    return () => {
      window.removeEventListener("scroll", follow, true);
      window.removeEventListener("resize", follow);
    };
  }, [box, shown]);
  return place;
}

function beside(edges: DOMRect, windowHeight: number): CSSProperties {
  const below = windowHeight - edges.bottom - 2 * GAP;
  const above = edges.top - 2 * GAP;
  const up = below < TALLEST / 2 && above > below;
  return {
    left: edges.left,
    minWidth: edges.width,
    maxHeight: Math.min(TALLEST, up ? above : below),
    ...(up ? { bottom: windowHeight - edges.top + GAP } : { top: edges.bottom + GAP }),
  };
}
