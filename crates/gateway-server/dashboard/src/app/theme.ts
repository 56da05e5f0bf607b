// Light, dark, or as the system is; remembered in this browser.

import { useSyncExternalStore } from "react";

export type Theme = "light" | "dark" | "system";

const KEEP = "gateway-theme";
const system = window.matchMedia?.("(prefers-color-scheme: dark)");
const readers = new Set<() => void>();

function chosen(): Theme {
  const kept = localStorage.getItem(KEEP);
  return kept === "light" || kept === "dark" ? kept : "system";
}

function shown(): "light" | "dark" {
  const theme = chosen();
  return theme === "system" ? (system?.matches ? "dark" : "light") : theme;
}

function apply(): void {
  document.documentElement.dataset.theme = shown();
  for (const read of readers) read();
}

/** Puts the theme on the page, and follows the system while that is chosen. */
export function followTheme(): void {
  system?.addEventListener("change", apply);
  window.addEventListener("storage", apply);
  apply();
}

export function setTheme(theme: Theme): void {
  if (theme === "system") localStorage.removeItem(KEEP);
  else localStorage.setItem(KEEP, theme);
  apply();
}

function subscribe(read: () => void): () => void {
  readers.add(read);
  return () => readers.delete(read);
}

/** What was chosen, and what is shown for it. Charts draw anew when the latter changes. */
export function useTheme(): { theme: Theme; shown: "light" | "dark" } {
  const theme = useSyncExternalStore(subscribe, chosen);
  const now = useSyncExternalStore(subscribe, shown);
  return { theme, shown: now };
}
