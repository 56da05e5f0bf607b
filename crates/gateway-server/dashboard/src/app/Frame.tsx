// The frame around every page: navigation at the side, a bar above.

import { Outlet, useMatches, useRouterState } from "@tanstack/react-router";
import { Dialog } from "radix-ui";
import { type ReactElement, useEffect, useRef, useState } from "react";
import { Icon, IconButton, Toasts } from "../parts";
import { useFocusKept } from "../parts/useFocusKept";
import { Account } from "./Account";
import { Brand, Navigation } from "./Navigation";
import { Palette } from "./Palette";
import { Pulse } from "./Pulse";
import { Shortcuts, useShortcuts } from "./Shortcuts";
import { ThemeMenu } from "./ThemeMenu";
import "./frame.css";

export function Frame(): ReactElement {
  const matches = useMatches();
  const page = matches.at(-1)?.staticData;
  const title = page?.title;
  useEffect(() => {
    document.title = title ? `${title} · Gateway` : "Gateway";
  }, [title]);
  return (
    <>
      {page?.bare ? (
        <main className="bare">
          <Outlet />
        </main>
      ) : (
        <Shell title={title ?? "Gateway"} />
      )}
      <Toasts />
    </>
  );
}

function Shell({ title }: { title: string }) {
  const [menu, setMenu] = useState(false);
  const [panel, setPanel] = useState<"palette" | "shortcuts">();
  const main = useRef<HTMLElement>(null);
  useShortcuts(setPanel);
  useFocusOnPage(main);
  return (
    <div className="shell">
      <a className="skip" href="#main">
        Skip to the content
      </a>
      <div className="side">
        <Navigation>
          <Brand />
        </Navigation>
      </div>
      <header className="bar">
        <span className="bar-menu">
          <IconButton icon="menu" label="Open the menu" onClick={() => setMenu(true)} />
        </span>
        <button type="button" className="bar-search" onClick={() => setPanel("palette")}>
          <Icon name="search" size={14} />
          <span>Go to…</span>
          <kbd>{KEY}</kbd>
        </button>
        <span className="bar-title" aria-hidden="true">
          {title}
        </span>
        <Pulse />
        <ThemeMenu />
        <Account onShortcuts={() => setPanel("shortcuts")} />
      </header>
      <main id="main" className="main" tabIndex={-1} ref={main}>
        <Outlet />
      </main>
      <Drawer open={menu} onClose={() => setMenu(false)} />
      <Palette open={panel === "palette"} onClose={() => setPanel(undefined)} />
      <Shortcuts open={panel === "shortcuts"} onClose={() => setPanel(undefined)} />
    </div>
  );
}

const KEY = /mac|iphone|ipad/i.test(navigator.userAgent) ? "⌘K" : "Ctrl K";

/** The navigation on a phone. */
function Drawer({ open, onClose }: { open: boolean; onClose: () => void }) {
  return (
    <Dialog.Root open={open} onOpenChange={(stays) => !stays && onClose()}>
      <Dialog.Portal>
        <Dialog.Overlay className="overlay" />
        <Dialog.Content className="drawer" aria-describedby={undefined} {...useFocusKept()}>
          <Dialog.Title className="sr-only">Menu</Dialog.Title>
          <div className="drawer-head">
            <Brand />
            <Dialog.Close asChild>
              <IconButton icon="close" label="Close the menu" />
            </Dialog.Close>
          </div>
          <Navigation onGo={onClose} />
        </Dialog.Content>
      </Dialog.Portal>
    </Dialog.Root>
  );
}

/** A new page takes the focus, so that a screen reader begins at its top; a new filter of the same page does not. */
function useFocusOnPage(main: { current: HTMLElement | null }): void {
  const path = useRouterState({ select: (state) => state.resolvedLocation?.pathname.split("/")[1] });
  const before = useRef(path);
  useEffect(() => {
    if (before.current !== undefined && before.current !== path) main.current?.focus({ preventScroll: true });
    before.current = path;
  }, [path, main]);
}
