// Server-sent events over `fetch`: unlike `EventSource` it sends the token of a tab, and can post a body.

import { ApiProblem, problemOf } from "./problem";
import { credentials } from "./token";

export interface ServerEvent {
  event: string;
  data: string;
}

/** Takes text as it comes, in any pieces, and gives the events that are whole. */
export function eventReader(): (piece: string) => ServerEvent[] {
  let rest = "";
  return (piece) => {
    rest += piece;
    const frames = rest.split(/\r\n\r\n|\n\n|\r\r/);
    rest = frames.pop() ?? "";
    return frames.map(readFrame).filter((event) => event !== undefined);
  };
}

function readFrame(frame: string): ServerEvent | undefined {
  let event = "message";
  const data: string[] = [];
  for (const line of frame.split(/\r\n|\n|\r/)) {
    const colon = line.indexOf(":");
    const field = colon < 0 ? line : line.slice(0, colon);
    const value = colon < 0 ? "" : line.slice(colon + 1).replace(/^ /, "");
    if (field === "event") event = value;
    if (field === "data") data.push(value);
  }
  return data.length > 0 ? { event, data: data.join("\n") } : undefined;
}

/** Opens a feed and hands over its events until it ends, or the signal says so. Rejects with an `ApiProblem`. */
export async function readEvents(
  path: string,
  take: (event: ServerEvent) => void,
  init: RequestInit & { opened?: (response: Response) => void },
): Promise<void> {
  const { opened, ...request } = init;
  const headers = { accept: "text/event-stream", ...credentials(), ...(request.headers as Record<string, string>) };
  const response = await fetch(path, { ...request, headers }).catch((error: unknown) => {
    if (request.signal?.aborted) throw error;
    throw new ApiProblem(0, "The gateway does not answer. Is it still running?");
  });
  if (!response.ok) throw await problemOf(response);
  opened?.(response);
  if (!response.body) return;
  const read = eventReader();
  const pieces = response.body.pipeThrough(new TextDecoderStream()).getReader();
  for (;;) {
    const { done, value } = await pieces.read();
    if (done) return;
    for (const event of read(value)) take(event);
  }
}
