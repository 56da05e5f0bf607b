// The gateway's API, for what a check needs and is not about.

import { eventually } from "./runner.mjs";

/** The gateways and the model server that the checks are made with. `tests/real/dashboard.py` starts them. */
export const PLACES = {
  /** Nothing is set up in it. */
  empty: process.env.EMPTY_URL,
  /** The demo, without live calls. */
  demo: process.env.DEMO_URL,
  /** Nothing is set up in it; it gets users. */
  gated: process.env.GATED_URL,
  llama: process.env.LLAMA_URL,
  llamaKey: process.env.LLAMA_KEY,
};

/** What clients of the demo present. */
export function demoKey(id) {
  return `sk-bf-demo-${id}-5d0c1f7e`;
}

export async function get(base, path) {
  return send("GET", base + path);
}

export async function send(method, url, body, headers = {}) {
  const answer = await fetch(url, {
    method,
    headers: { "content-type": "application/json", ...headers },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  const text = await answer.text();
  let json = null;
  try {
    json = JSON.parse(text);
  } catch {
    // Streams and pages are no JSON.
  }
  return { status: answer.status, headers: answer.headers, text, json };
}

/** A chat turn by a key. */
export async function chat(base, key, body, headers = {}) {
  return send("POST", `${base}/v1/chat/completions`, body, { authorization: `Bearer ${key}`, ...headers });
}

/** The log row of a request, once it is written. */
export async function row(base, id) {
  return eventually(`the row ${id} is written`, async () => {
    const answer = await get(base, `/api/logs/${id}`);
    return answer.status === 200 ? answer.json : undefined;
  });
}
