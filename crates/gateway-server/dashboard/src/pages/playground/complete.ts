// One call of the playground: sent, read as it comes, and ended by whoever leaves.

import { eventReader } from "../../api/sse";
import { credentials } from "../../api/token";
import { type Answer, type Chunk, type Failure, type Head, hasBegun, WAITING, withChunk } from "./answer";

export interface Calling {
  body: Record<string, unknown>;
  key: string | undefined;
  signal: AbortSignal;
  /** The answer so far, as often as it grows. */
  onAnswer: (answer: Answer) => void;
}

/** Makes the call. It ends in an answer, whatever happens: a failure and a stop are states of it. */
export async function complete({ body, key, signal, onAnswer }: Calling): Promise<void> {
  const sent = performance.now();
  let answer = WAITING;
  const tell = (next: Answer) => {
    const firstAfter = next.firstAfter ?? (hasBegun(next) ? performance.now() - sent : undefined);
    answer = { ...next, firstAfter };
    onAnswer(answer);
  };
  const end = (change: Partial<Answer>) => tell({ ...answer, ...change, took: performance.now() - sent });
  try {
    const query = key ? `?virtual_key_id=${encodeURIComponent(key)}` : "";
    const response = await fetch(`/api/playground/chat/completions${query}`, {
      method: "POST",
      headers: { "content-type": "application/json", ...credentials() },
      body: JSON.stringify(body),
      signal,
    });
    tell({ ...answer, head: headOf(response.headers) });
    if (!response.ok) return end({ state: "failed", failure: await failureOf(response) });
    await read(response, (chunk) => tell(withChunk(answer, chunk)));
    end({ state: answer.state === "failed" ? "failed" : "done" });
  } catch (error) {
    if (signal.aborted) return end({ state: "stopped" });
    const message = answer.head
      ? `The answer broke off: ${String(error)}`
      : "The gateway does not answer. Is it still running?";
    end({ state: "failed", failure: { status: 0, code: undefined, message } });
  }
}

async function read(response: Response, take: (chunk: Chunk) => void): Promise<void> {
  if (!response.headers.get("content-type")?.startsWith("text/event-stream") || !response.body) {
    take((await response.json()) as Chunk);
    return;
  }
  const events = eventReader();
  const pieces = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await pieces.read();
    if (done) return;
    for (const { data } of events(value)) {
      const chunk = chunkOf(data);
      if (chunk) take(chunk);
    }
  }
}

/** The piece that an event holds; none for the mark at the end, and for what is no JSON. */
export function chunkOf(data: string): Chunk | undefined {
  if (data === "[DONE]") return undefined;
  try {
    const chunk: unknown = JSON.parse(data);
    return typeof chunk === "object" && chunk !== null ? (chunk as Chunk) : undefined;
  } catch {
    return undefined;
  }
}

function headOf(headers: Headers): Head {
  const text = (name: string) => headers.get(`x-gateway-${name}`) ?? undefined;
  const attempts = Number(text("attempts"));
  return {
    requestId: text("request-id"),
    provider: text("provider"),
    model: text("model"),
    attempts: Number.isInteger(attempts) && attempts > 0 ? attempts : undefined,
  };
}

/** Reads both shapes of errors: OpenAI's of the call itself, and that of the management API. */
async function failureOf(response: Response): Promise<Failure> {
  const text = await response.text().catch(() => "");
  const error = chunkOf(text)?.error;
  const after = Number(response.headers.get("retry-after"));
  return {
    status: response.status,
    code: error?.code ?? undefined,
    message: error?.message ?? `The gateway answered with status ${response.status}.`,
    retryAfter: after > 0 ? after : undefined,
  };
}
