// What goes wrong, as one class: an error of the API in its envelope, or no answer at all.

/** An answer that is an error. `status` is 0 where nothing answered. */
export class ApiProblem extends Error {
  readonly status: number;
  /** When it may be tried again, in seconds, where the gateway says so. */
  readonly retryAfter: number | undefined;

  constructor(status: number, message: string, retryAfter?: number) {
    super(message);
    this.name = "ApiProblem";
    this.status = status;
    this.retryAfter = retryAfter;
  }

  /** Whether the same call may succeed a moment later. */
  get passing(): boolean {
    return this.status === 0 || this.status >= 500;
  }
}

/** Reads `{ "status_code": 404, "error": { "message": "…" } }`, and whatever a proxy in between may say instead. */
export async function problemOf(response: Response): Promise<ApiProblem> {
  const text = await response.text().catch(() => "");
  const after = Number(response.headers.get("retry-after"));
  return new ApiProblem(
    response.status,
    messageIn(text) ?? `The gateway answered with status ${response.status}${text ? `: ${text.slice(0, 200)}` : "."}`,
    Number.isFinite(after) && after > 0 ? after : undefined,
  );
}

/** What to tell a person about anything that was thrown. */
export function messageOf(error: unknown): string {
  return sentence(error instanceof Error && error.message ? error.message : String(error));
}

/** Begins with a capital, unless its first word is a name: `base_url`, `vk-dev`. */
function sentence(message: string): string {
  return /^[a-z]+[ ,:]/.test(message) ? message.charAt(0).toUpperCase() + message.slice(1) : message;
}

function messageIn(text: string): string | undefined {
  try {
    const answer: unknown = JSON.parse(text);
    const error = member(answer, "error");
    const message = typeof error === "string" ? error : (member(error, "message") ?? member(answer, "message"));
    return typeof message === "string" && message !== "" ? message : undefined;
  } catch {
    return undefined;
  }
}

function member(value: unknown, name: string): unknown {
  return typeof value === "object" && value !== null ? (value as Record<string, unknown>)[name] : undefined;
}
