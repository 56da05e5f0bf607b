import { useParams } from "@tanstack/react-router";
import type { ReactNode } from "react";
import "./page.css";
import { Detail } from "./Detail";
import { List } from "./List";

/** All providers, or the one that the address names. */
export default function Page(): ReactNode {
  const { name } = useParams({ strict: false });
  return name === undefined ? <List /> : <Detail key={name} name={name} />;
}
