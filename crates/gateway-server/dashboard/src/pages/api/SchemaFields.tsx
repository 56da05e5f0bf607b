import { type ReactElement, useState } from "react";
import { Icon } from "../../parts";
import type { Schema } from "./document";
import { type FieldOfSchema, fieldsOf, type Lookup, typeText } from "./schema";

type Shown = FieldOfSchema & { place?: string };

export interface SchemaFieldsProps {
  /** The fields of this, or these. */
  schema?: Schema;
  fields?: Shown[];
  lookup: Lookup;
  /** In an answer: what is required of a sender is of no interest then. */
  given?: boolean | undefined;
}

/** The fields of a type, below one another; those that have fields themselves open. */
export function SchemaFields({ schema, fields, lookup, given }: SchemaFieldsProps): ReactElement | null {
  const shown: Shown[] = fields ?? (schema ? fieldsOf(schema, lookup) : []);
  if (shown.length === 0) {
    const about = schema && lookup(schema).description;
    return about ? <p className="soft small">{about}</p> : null;
  }
  return (
    <ul className="api-fields">
      {shown.map((field) => (
        <Field key={`${field.place ?? ""}${field.name}`} field={field} lookup={lookup} given={given} />
      ))}
    </ul>
  );
}

function Field({ field, lookup, given }: { field: Shown; lookup: Lookup; given: boolean | undefined }) {
  const [open, setOpen] = useState(false);
  const real = lookup(field.schema);
  const inner = fieldsOf(field.schema, lookup).length > 0;
  const name = <code className="api-name">{field.name}</code>;
  return (
    <li>
      <div className="api-field">
        {inner ? (
          <button type="button" className="api-fold" aria-expanded={open} onClick={() => setOpen(!open)}>
            <Icon name={open ? "down" : "right"} size={12} />
            {name}
          </button>
        ) : (
          name
        )}
        <span className="api-type">{typeText(isChoice(real) ? real : field.schema)}</span>
        {field.required && !given && <span className="api-required">required</span>}
        {field.place && field.place !== "query" && <span className="faint">in the {field.place}</span>}
        {real.default !== undefined && real.default !== null && (
          <span className="faint">default {JSON.stringify(real.default)}</span>
        )}
      </div>
      {real.description && <p className="api-description">{real.description}</p>}
      {open && (
        <div className="api-inner">
          <SchemaFields schema={field.schema} lookup={lookup} given={given} />
        </div>
      )}
    </li>
  );
}

/** One of a few words: they say more than the name of their type. */
function isChoice(schema: Schema): boolean {
  return schema.enum !== undefined || (schema.oneOf?.every((choice) => choice.const !== undefined) ?? false);
}
