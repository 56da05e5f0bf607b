// Text to read and to take along: code, JSON, lists of names and values.

import clsx from "clsx";
import { type ReactElement, type ReactNode, useEffect, useState } from "react";
import { Button, IconButton } from "./Button";
import "./data.css";
import { toast } from "./toast";

export interface CopyButtonProps {
  /** What is copied. */
  text: string;
  /** What it is: `Copy the key`. */
  label?: string;
  /** Shows the label as text. */
  withText?: boolean;
}

/** Copies a text, and says so. */
export function CopyButton({ text, label = "Copy", withText }: CopyButtonProps): ReactElement {
  const [copied, setCopied] = useState(false);
  useEffect(() => {
    if (!copied) return;
    const timer = setTimeout(() => setCopied(false), 2_000);
    return () => clearTimeout(timer);
  }, [copied]);
  const copy = async () => {
    try {
      await copyText(text);
      setCopied(true);
    } catch {
      toast.bad("The browser did not let the text be copied. Select it and copy it by hand.");
    }
  };
  const icon = copied ? "check" : "copy";
  return (
    <>
      {withText ? (
        <Button size="small" icon={icon} onClick={() => void copy()}>
          {label}
        </Button>
      ) : (
        <IconButton size="small" icon={icon} label={label} onClick={() => void copy()} />
      )}
      <span className="sr-only" role="status">
        {copied ? "Copied" : ""}
      </span>
    </>
  );
}

/** The clipboard is there on encrypted pages and at this machine only; elsewhere a selection does it. */
async function copyText(text: string): Promise<void> {
  if (navigator.clipboard) return navigator.clipboard.writeText(text);
  const area = document.createElement("textarea");
  area.value = text;
  area.className = "sr-only";
  // Inside an open dialog, or its focus trap takes the selection away.
  (document.querySelector("[role=dialog]") ?? document.body).append(area);
  area.select();
  const done = document.execCommand("copy");
  area.remove();
  if (!done) throw new Error("not copied");
}

export interface CodeProps {
  code: string;
  language?: "json" | "text";
  /** Names the block for screen readers and the copy button: `curl`. */
  label?: string;
  /** Long lines are broken instead of scrolled. */
  wrap?: boolean;
  maxHeight?: string;
}

/** A block of code with a button to copy it. */
export function Code({ code, language = "text", label = "Code", wrap, maxHeight }: CodeProps): ReactElement {
  return (
    <div className="code">
      <div className="code-copy">
        <CopyButton text={code} label={`Copy ${label === "Code" ? "the code" : label}`} />
      </div>
      {/* It scrolls, so it must be reachable by keyboard. */}
      <pre className={clsx(wrap && "code-wrap")} style={{ maxHeight }} tabIndex={0} aria-label={label} role="group">
        <code>{language === "json" ? <Highlighted json={code} /> : code}</code>
      </pre>
    </div>
  );
}

const TOKEN = /("(?:[^"\\]|\\.)*")(\s*:)?|\b(?:true|false|null)\b|-?\d+(?:\.\d+)?(?:[eE][+-]?\d+)?/g;
const LARGEST_COLOURED = 200_000;

function Highlighted({ json }: { json: string }): ReactElement {
  if (json.length > LARGEST_COLOURED) return <>{json}</>;
  const parts: ReactNode[] = [];
  let done = 0;
  for (const match of json.matchAll(TOKEN)) {
    const [whole, quoted, colon] = match;
    parts.push(json.slice(done, match.index));
    const text = quoted ?? whole;
    const kind = quoted ? (colon ? "key" : "string") : /^[-\d]/.test(whole) ? "number" : "word";
    parts.push(
      <span key={match.index} className={`code-${kind}`}>
        {text}
      </span>,
    );
    if (colon) parts.push(colon);
    done = match.index + whole.length;
  }
  parts.push(json.slice(done));
  return <>{parts}</>;
}

export interface KeyValueProps {
  /** Rows without a value are left out. */
  items: readonly (readonly [label: ReactNode, value: ReactNode])[];
  /** Two or three columns where there is room. */
  columns?: 1 | 2 | 3;
}

/** Names and values below one another. */
export function KeyValue({ items, columns = 1 }: KeyValueProps): ReactElement {
  const there = items.filter(([, value]) => value !== undefined && value !== null && value !== "" && value !== false);
  return (
    <dl className={clsx("key-value", `key-value-${columns}`)}>
      {there.map(([label, value], index) => (
        <div key={typeof label === "string" ? label : index}>
          <dt>{label}</dt>
          <dd>{value}</dd>
        </div>
      ))}
    </dl>
  );
}
