// As much of an OpenAPI document as is shown, and what is read out of it.

export interface Schema {
  $ref?: string;
  type?: string | string[];
  title?: string;
  description?: string;
  properties?: Record<string, Schema>;
  required?: string[];
  items?: Schema;
  additionalProperties?: Schema | boolean;
  enum?: unknown[];
  const?: unknown;
  default?: unknown;
  examples?: unknown[];
  format?: string;
  minimum?: number;
  maximum?: number;
  oneOf?: Schema[];
  anyOf?: Schema[];
  allOf?: Schema[];
}

export interface Parameter {
  name: string;
  in: "path" | "query" | "header" | "cookie";
  required?: boolean;
  description?: string;
  schema?: Schema;
}

type Content = Record<string, { schema?: Schema }>;

interface RawOperation {
  operationId?: string;
  summary?: string;
  description?: string;
  tags?: string[];
  parameters?: Parameter[];
  requestBody?: { content?: Content; required?: boolean };
  responses?: Record<string, { $ref?: string; description?: string; content?: Content }>;
  "x-needs"?: string;
  "x-scope"?: string;
}

export interface ApiDocument {
  info: { version: string; title: string; description?: string };
  paths: Record<string, Record<string, RawOperation>>;
  components?: { schemas?: Record<string, Schema> };
}

/** One method of one path. */
export interface Operation {
  id: string;
  method: string;
  path: string;
  tag: string;
  summary: string;
  details: string | undefined;
  /** The role that it takes: `viewer`, `operator`, `admin`, `public`. */
  needs: string | undefined;
  parameters: Parameter[];
  body: { type: string; schema: Schema } | undefined;
  answer: { type: string; schema: Schema | undefined } | undefined;
}

export type Part = "management" | "inference";

const METHODS = ["get", "post", "put", "patch", "delete"];

/** Every operation, in the order of the document. */
export function operationsOf(document: ApiDocument): Operation[] {
  return Object.entries(document.paths).flatMap(([path, methods]) =>
    METHODS.flatMap((method) => {
      const raw = methods[method];
      return raw ? [operation(method, path, raw)] : [];
    }),
  );
}

function operation(method: string, path: string, raw: RawOperation): Operation {
  const [bodyType, body] = Object.entries(raw.requestBody?.content ?? {})[0] ?? [];
  const done = Object.entries(raw.responses ?? {}).find(([status]) => status.startsWith("2"))?.[1];
  const [answerType, answer] = Object.entries(done?.content ?? {})[0] ?? [];
  return {
    id: raw.operationId ?? `${method} ${path}`,
    method: method.toUpperCase(),
    path,
    tag: raw.tags?.[0] ?? "other",
    summary: raw.summary && raw.summary !== path ? raw.summary : "",
    details: raw.description,
    needs: raw["x-needs"],
    parameters: raw.parameters ?? [],
    body: bodyType && body?.schema ? { type: bodyType, schema: body.schema } : undefined,
    answer: answerType ? { type: answerType, schema: answer?.schema } : undefined,
  };
}

/** The half of the API that a path belongs to. */
export function partOf(path: string): Part {
  return path.startsWith("/api/") ? "management" : "inference";
}

export interface Group {
  tag: string;
  operations: Operation[];
}

/** Those of a half that hold all the words that were typed, by tag. */
export function groups(operations: readonly Operation[], part: Part, typed: string): Group[] {
  const words = typed.toLowerCase().split(/\s+/).filter(Boolean);
  const found = new Map<string, Operation[]>();
  for (const one of operations) {
    const text = `${one.method} ${one.path} ${one.summary} ${one.tag} ${one.id}`.toLowerCase();
    if (partOf(one.path) !== part || !words.every((word) => text.includes(word))) continue;
    found.set(one.tag, [...(found.get(one.tag) ?? []), one]);
  }
  return [...found].map(([tag, inTag]) => ({ tag, operations: inTag }));
}
