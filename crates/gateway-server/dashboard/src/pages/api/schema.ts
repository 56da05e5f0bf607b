// Schemas in words: the name of a type, its fields, and an example of it.

import type { ApiDocument, Operation, Schema } from "./document";

/** Looks up schemas by reference. */
export type Lookup = (schema: Schema) => Schema;

export function lookupIn(document: ApiDocument): Lookup {
  const all = document.components?.schemas ?? {};
  return (schema) => {
    const named = schema.$ref ? all[refName(schema.$ref)] : undefined;
    // What stands beside a reference (a description) is said of this place.
    return named ? { ...named, ...(schema.description ? { description: schema.description } : {}) } : schema;
  };
}

function refName(ref: string): string {
  return ref.split("/").at(-1) ?? ref;
}

/** A type in a few words: `string`, `Team`, `list of Budget`, `"a" or "b"`, `number or null`. */
export function typeText(schema: Schema): string {
  if (schema.$ref) return refName(schema.$ref);
  if (schema.const !== undefined) return JSON.stringify(schema.const);
  if (schema.enum) return schema.enum.map((value) => JSON.stringify(value)).join(" or ");
  const choices = schema.oneOf ?? schema.anyOf;
  if (choices) return [...new Set(choices.map(typeText))].join(" or ");
  if (schema.allOf?.length === 1 && schema.allOf[0]) return typeText(schema.allOf[0]);
  const types = [schema.type ?? (schema.properties ? "object" : "any")].flat();
  return types.map((type) => plainType(type, schema)).join(" or ");
}

function plainType(type: string, schema: Schema): string {
  if (type === "array") return `list of ${schema.items ? typeText(schema.items) : "anything"}`;
  const values = schema.additionalProperties;
  if (type === "object" && !schema.properties && values) {
    return `map of ${typeof values === "object" && Object.keys(values).length > 0 ? typeText(values) : "anything"}`;
  }
  return type;
}

export interface FieldOfSchema {
  name: string;
  schema: Schema;
  required: boolean;
}

/** The fields of a schema, of its parts and of what its lists and maps hold. None for plain values. */
export function fieldsOf(schema: Schema, lookup: Lookup): FieldOfSchema[] {
  const real = lookup(schema);
  if (real.properties) {
    return Object.entries(real.properties).map(([name, field]) => ({
      name,
      schema: field,
      required: real.required?.includes(name) ?? false,
    }));
  }
  if (real.allOf) return real.allOf.flatMap((part) => fieldsOf(part, lookup));
  if (real.items) return fieldsOf(real.items, lookup);
  if (typeof real.additionalProperties === "object") return fieldsOf(real.additionalProperties, lookup);
  const choices = (real.oneOf ?? real.anyOf)?.filter((choice) => choice.type !== "null") ?? [];
  const [only] = choices;
  return choices.length === 1 && only ? fieldsOf(only, lookup) : [];
}

const DEEPEST = 4;

/** An example with what is required, and with everything where nothing is. */
export function example(schema: Schema, lookup: Lookup, depth = 0): unknown {
  const real = lookup(schema);
  const told = real.examples?.[0] ?? real.const ?? real.enum?.[0] ?? real.default;
  if (told !== undefined && told !== null) return told;
  if (depth > DEEPEST) return null;
  const choice = (real.oneOf ?? real.anyOf)?.find((one) => one.type !== "null");
  if (choice) return example(choice, lookup, depth);
  if (real.properties || real.allOf) return exampleObject(real, lookup, depth);
  const type = [real.type].flat().find((one) => one !== "null");
  if (type === "array") return real.items ? [example(real.items, lookup, depth + 1)] : [];
  if (type === "object") return {};
  if (type === "integer" || type === "number") return real.minimum ?? 1;
  if (type === "boolean") return true;
  return type === "string" ? (real.format === "date-time" ? "2027-01-31T00:00:00Z" : "text") : null;
}

function exampleObject(schema: Schema, lookup: Lookup, depth: number): Record<string, unknown> {
  const fields = fieldsOf(schema, lookup);
  const required = fields.filter((field) => field.required);
  const shown = required.length > 0 ? required : depth === 0 ? fields.slice(0, 6) : [];
  return Object.fromEntries(shown.map((field) => [field.name, example(field.schema, lookup, depth + 1)]));
}

/** A call of the operation for a shell. */
export function curl(operation: Operation, origin: string, lookup: Lookup): string {
  const path = operation.path.replace(/\{\*?([^}]+)\}/g, (_, name: string) => name.toUpperCase());
  const query = operation.parameters.filter((parameter) => parameter.in === "query" && parameter.required);
  const asked = query
    .map((parameter) => `${parameter.name}=${String(example(parameter.schema ?? {}, lookup))}`)
    .join("&");
  const parts = [
    `curl ${operation.method === "GET" ? "" : `-X ${operation.method} `}'${origin}${path}${asked && `?${asked}`}'`,
  ];
  if (operation.needs !== "public") parts.push('-H "Authorization: Bearer $TOKEN"');
  if (operation.body) {
    parts.push(`-H 'content-type: ${operation.body.type}'`);
    const body = JSON.stringify(example(operation.body.schema, lookup));
    parts.push(`-d '${body.replaceAll("'", "'\\''")}'`);
  }
  return parts.join(" \\\n  ");
}
