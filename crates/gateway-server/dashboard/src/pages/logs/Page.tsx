import { useParams } from "@tanstack/react-router";
import { type ReactNode, useSyncExternalStore } from "react";
import "./page.css";
import { List } from "./List";
import { RowPage } from "./row/RowPage";

const PHONE = window.matchMedia("(width <= 40rem)");

/** The log; a row opens over it, or on a phone as a page of its own. */
export default function Page(): ReactNode {
  const { id } = useParams({ strict: false });
  const onPhone = useSyncExternalStore(watch, () => PHONE.matches);
  return onPhone && id !== undefined ? <RowPage id={id} /> : <List />;
}

function watch(changed: () => void): () => void {
  PHONE.addEventListener("change", changed);
  return () => PHONE.removeEventListener("change", changed);
}
