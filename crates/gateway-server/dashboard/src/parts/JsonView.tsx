import { type ReactElement, type ReactNode, useState } from "react";
import { plural } from "../lib/format";
import "./data.css";
import { CopyButton } from "./text";

export interface JsonViewProps {
  value: unknown;
  /** How many levels are open at first. */
  open?: number;
  label?: string;
}

/** JSON as a tree whose branches open and close. */
export function JsonView({ value, open = 2, label = "JSON" }: JsonViewProps): ReactElement {
  return (
    <section className="code json" aria-label={label}>
      <div className="code-copy">
        <CopyButton text={JSON.stringify(value, null, 2)} label={`Copy ${label}`} />
      </div>
      {/* It scrolls, so it must be reachable by keyboard. */}
      <div className="json-body" tabIndex={0} role="group" aria-label={label}>
        <Node value={value} depth={0} open={open} />
      </div>
    </section>
  );
}

interface NodeProps {
  name?: string;
  value: unknown;
  depth: number;
  open: number;
  comma?: boolean;
}

function Node({ name, value, depth, open, comma }: NodeProps): ReactElement {
  const key = name === undefined ? null : <span className="code-key">{`"${name}": `}</span>;
  if (typeof value === "object" && value !== null && Object.keys(value).length > 0) {
    return <Branch name={key} value={value} depth={depth} open={open} comma={comma} />;
  }
  return (
    <div className="json-line">
      {key}
      <Leaf value={value} />
      {comma && ","}
    </div>
  );
}

const MOST_AT_ONCE = 200;

function Branch({
  name,
  value,
  depth,
  open,
  comma,
}: Omit<NodeProps, "name" | "value"> & { name: ReactNode; value: object }) {
  const [isOpen, setOpen] = useState(depth < open);
  const [most, setMost] = useState(MOST_AT_ONCE);
  const list = Array.isArray(value);
  const entries = Object.entries(value);
  const [from, to] = list ? ["[", "]"] : ["{", "}"];
  const end = comma ? "," : "";
  return (
    <div>
      <button type="button" className="json-line json-fold" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
        <span className="json-mark" aria-hidden="true">
          {isOpen ? "▾" : "▸"}
        </span>
        {name}
        {from}
        {!isOpen && <span className="faint">{` ${plural(entries.length, list ? "item" : "field")} ${to}${end}`}</span>}
      </button>
      {isOpen && (
        <>
          <div className="json-inside">
            {entries.slice(0, most).map(([key, inner], index) => (
              <Node
                key={key}
                {...(list ? {} : { name: key })}
                value={inner}
                depth={depth + 1}
                open={open}
                comma={index < entries.length - 1}
              />
            ))}
            {entries.length > most && (
              <button type="button" className="json-line json-fold" onClick={() => setMost(most + MOST_AT_ONCE)}>
                {entries.length - most} more…
              </button>
            )}
          </div>
          <div className="json-line">
            {to}
            {end}
          </div>
        </>
      )}
    </div>
  );
}

const LONGEST = 600;

function Leaf({ value }: { value: unknown }): ReactElement {
  const [whole, setWhole] = useState(false);
  if (typeof value !== "string") {
    const kind = typeof value === "number" ? "number" : "word";
    return <span className={`code-${kind}`}>{JSON.stringify(value) ?? "undefined"}</span>;
  }
  const text = JSON.stringify(value);
  if (whole || text.length <= LONGEST) return <span className="code-string">{text}</span>;
  return (
    <span className="code-string">
      {text.slice(0, LONGEST)}
      <button type="button" className="json-more" onClick={() => setWhole(true)}>
        … {text.length - LONGEST} more characters
      </button>
    </span>
  );
}
