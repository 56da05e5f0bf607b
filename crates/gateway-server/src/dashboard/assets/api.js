// Calls of the management API.

const TOKEN = "gateway-admin-token";

/** The admin token, kept until the browser tab is closed. */
export const token = {
  read: () => sessionStorage.getItem(TOKEN),
  keep: (value) => sessionStorage.setItem(TOKEN, value),
  forget: () => sessionStorage.removeItem(TOKEN),
};

/** An answer that is none: the API's own message and the status, 0 where nothing answered. */
export class ApiError extends Error {
  constructor(status, message) {
    super(message);
    this.status = status;
  }

  /** Whether the API wants to know who asks. */
  get refused() {
    return this.status === 401 || this.status === 403;
  }
}

/** Sends a call and gives the JSON of its answer. */
export async function call(method, path, body) {
  const response = await send(path, {
    method,
    headers: body === undefined ? {} : { "content-type": "application/json" },
    body: body === undefined ? undefined : JSON.stringify(body),
  });
  return response.json();
}

export const get = (path) => call("GET", path);

/** Opens a feed of server-sent events and gives their data. `EventSource` would not send the token. */
export async function follow(path, signal) {
  const response = await send(path, { headers: { accept: "text/event-stream" }, signal });
  return events(response.body.pipeThrough(new TextDecoderStream()).getReader());
}

async function* events(reader) {
  let rest = "";
  for (;;) {
    const { done, value } = await reader.read();
    if (done) return;
    const frames = (rest + value).split(/\r?\n\r?\n/);
    rest = frames.pop();
    for (const frame of frames) {
      const lines = frame.split(/\r?\n/).filter((line) => line.startsWith("data:"));
      if (lines.length > 0) yield JSON.parse(lines.map((line) => line.slice(5)).join("\n"));
    }
  }
}

async function send(path, options) {
  const bearer = token.read() && { authorization: `Bearer ${token.read()}` };
  let response;
  try {
    response = await fetch(path, { ...options, headers: { ...options.headers, ...bearer } });
  } catch (error) {
    if (error.name === "AbortError") throw error;
    throw new ApiError(0, "the gateway does not answer; is it still running?");
  }
  if (response.ok) return response;
  const answer = await response.json().catch(() => null);
  throw new ApiError(response.status, answer?.error?.message ?? `the gateway answered with status ${response.status}`);
}
