import { type ReactElement, useEffect, useRef } from "react";
import { Badge, Code, CopyButton, Icon, type Tone } from "../../parts";
import type { Operation } from "./document";
import { SchemaFields } from "./SchemaFields";
import { curl, example, type Lookup, typeText } from "./schema";

const TONES: Record<string, Tone> = { GET: "info", POST: "ok", PUT: "warn", PATCH: "warn", DELETE: "bad" };

export interface OperationRowProps {
  operation: Operation;
  lookup: Lookup;
  open: boolean;
  /** Takes the id of what is open afterwards. */
  onToggle: (id: string | undefined) => void;
}

/** One operation: a line that opens. */
export function OperationRow({ operation, lookup, open, onToggle }: OperationRowProps): ReactElement {
  const line = useRef<HTMLButtonElement>(null);
  const atFirst = useRef(open);
  useEffect(() => {
    // A link to an operation leads to it.
    if (atFirst.current) line.current?.scrollIntoView({ block: "start" });
  }, []);
  return (
    <>
      <button
        ref={line}
        type="button"
        className="api-line"
        aria-expanded={open}
        onClick={() => onToggle(open ? undefined : operation.id)}
      >
        <span className="api-method">
          <Badge tone={TONES[operation.method] ?? "muted"}>{operation.method}</Badge>
        </span>
        <code className="api-path">{operation.path}</code>
        <span className="api-summary">{operation.summary}</span>
        <Icon name={open ? "up" : "down"} />
      </button>
      {open && <Details operation={operation} lookup={lookup} />}
    </>
  );
}

function Details({ operation, lookup }: { operation: Operation; lookup: Lookup }) {
  const { details, needs, parameters, body, answer } = operation;
  const command = curl(operation, window.location.origin, lookup);
  return (
    <div className="stack api-details">
      <div className="row soft small">
        {needs && <span>{needs === "public" ? "For everybody" : `Needs the role ${needs}`}</span>}
        <CopyButton text={window.location.href} label="Copy a link to this operation" />
      </div>
      {details && <p className="api-about">{details}</p>}
      <section className="stack-tight">
        <h3>Try it</h3>
        <Code code={command} label="the curl command" />
      </section>
      {parameters.length > 0 && (
        <section className="stack-tight">
          <h3>Parameters</h3>
          <SchemaFields
            fields={parameters.map((parameter) => ({
              name: parameter.name,
              schema: { ...parameter.schema, ...(parameter.description ? { description: parameter.description } : {}) },
              required: parameter.required ?? false,
              place: parameter.in,
            }))}
            lookup={lookup}
          />
        </section>
      )}
      {body && <Body title="Body" type={body.type} schema={body.schema} lookup={lookup} />}
      {answer && <Body title="Answer" type={answer.type} schema={answer.schema} lookup={lookup} given />}
    </div>
  );
}

interface BodyProps {
  title: string;
  type: string;
  schema: NonNullable<Operation["answer"]>["schema"];
  lookup: Lookup;
  /** By the gateway: what is required of a sender is of no interest then. */
  given?: boolean;
}

function Body({ title, type, schema, lookup, given }: BodyProps) {
  return (
    <section className="stack-tight">
      <h3>
        {title} <span className="soft small mono">{schema ? `${type}, ${typeText(schema)}` : type}</span>
      </h3>
      {schema && <SchemaFields schema={schema} lookup={lookup} given={given} />}
      {schema && type === "application/json" && (
        <details className="api-example">
          <summary>Example</summary>
          <Code code={JSON.stringify(example(schema, lookup), null, 2)} language="json" label="the example" />
        </details>
      )}
    </section>
  );
}
