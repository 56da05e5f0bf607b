// What is asked of `POST /api/explain`, made of the page's address; and the same as a command.

import type { RoutingSearch } from "./search";

export interface Asking {
  body: { model: string } & Record<string, unknown>;
  query: { virtual_key_id?: string; operator?: boolean; input_tokens?: number; seed: string };
  headers: Record<string, string>;
}

/** The lots that are drawn until somebody asks for others: the same link shows the same plan. */
const FIRST_SEED = "1";

/** Names that a browser does not let a page send. */
const FORBIDDEN =
  /^(accept-|access-control-|connection|content-length|cookie|date|dnt|expect|host|keep-alive|origin|proxy-|sec-|te$|trailer|transfer-encoding|upgrade|via)/i;

export function asking(search: RoutingSearch): Asking | undefined {
  const { model, key, anonymous, tokens, message, stream, max, fallback, seed } = search;
  if (!model) return undefined;
  const body = {
    model,
    messages: [{ role: "user", content: message ?? "" }],
    ...(stream && { stream: true }),
    ...(max && { max_tokens: max }),
    ...(fallback && { fallbacks: fallback }),
    ...Object.fromEntries(pairs(search.param).map(([name, value]) => [name, scalar(value)])),
  };
  const tags = pairs(search.tag).map(([name, value]) => [`x-bf-dim-${name}`, value] as const);
  const headers = [...pairs(search.header), ...tags].filter(([name]) => isHeader(name));
  return {
    body,
    headers: Object.fromEntries(headers),
    query: {
      ...(key ? { virtual_key_id: key } : anonymous ? {} : { operator: true }),
      ...(tokens !== undefined && { input_tokens: tokens }),
      seed: seed ?? FIRST_SEED,
    },
  };
}

/** `name: value`, as the address keeps headers, tags and parameters. */
export function pairs(lines: readonly string[] | undefined): [string, string][] {
  return (lines ?? []).flatMap((line) => {
    const colon = line.indexOf(":");
    const name = (colon < 0 ? line : line.slice(0, colon)).trim();
    return name ? [[name, colon < 0 ? "" : line.slice(colon + 1).trim()] as [string, string]] : [];
  });
}

export function withPair(lines: readonly string[] | undefined, name: string, value: string): string[] | undefined {
  const others = pairs(lines).filter(([known]) => known.toLowerCase() !== name.toLowerCase());
  const all = value ? [...others, [name, value]] : others;
  return all.length > 0 ? all.map(([known, said]) => `${known}: ${said}`) : undefined;
}

function isHeader(name: string): boolean {
  return /^[A-Za-z0-9!#$%&'*+.^_`|~-]+$/.test(name) && !FORBIDDEN.test(name);
}

/** A parameter as JSON would have it: a number, a truth value, else a text. */
export function scalar(text: string): string | number | boolean {
  if (text === "true" || text === "false") return text === "true";
  return text !== "" && Number.isFinite(Number(text)) ? Number(text) : text;
}

/** The call itself, with a place for the key's value: what is planned here, made. */
export function curl({ body, headers }: Asking, origin: string, who: { key: boolean }): string {
  const lines = [
    `curl ${origin}/v1/chat/completions`,
    `-H 'content-type: application/json'`,
    ...(who.key ? [`-H "authorization: Bearer $GATEWAY_KEY"`] : []),
    ...Object.entries(headers).map(([name, value]) => `-H ${quoted(`${name}: ${value}`)}`),
    `-d ${quoted(JSON.stringify(body))}`,
  ];
  return lines.join(" \\\n  ");
}

/** A text as one word of a shell. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", `'\\''`)}'`;
}
