import { useRef } from "react";

/** Where the focus goes when a dialog opens, and back to where it was when it closes: few of ours have a button of their own. */
export function useFocusKept(first?: (panel: HTMLElement) => void) {
  const before = useRef<Element | null>(null);
  return {
    onOpenAutoFocus: (event: Event) => {
      before.current = document.activeElement;
      if (!first || !(event.currentTarget instanceof HTMLElement)) return;
      event.preventDefault();
      first(event.currentTarget);
    },
    onCloseAutoFocus: (event: Event) => {
      event.preventDefault();
      if (before.current instanceof HTMLElement && before.current.isConnected) before.current.focus();
    },
  };
}
