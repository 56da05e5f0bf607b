// An answer as it is made: what each piece of a stream, or a whole completion, adds to it.

export interface ToolCall {
  id: string;
  name: string;
  arguments: string;
}

export interface Usage {
  prompt_tokens?: number;
  completion_tokens?: number;
  total_tokens?: number;
}

export interface Failure {
  /** The HTTP status; 0 where nothing answered. */
  status: number;
  code: string | undefined;
  message: string;
  retryAfter?: number | undefined;
}

/** What the head of the answer says. */
export interface Head {
  requestId: string | undefined;
  provider: string | undefined;
  model: string | undefined;
  attempts: number | undefined;
}

export interface Answer {
  state: "waiting" | "streaming" | "done" | "stopped" | "failed";
  text: string;
  reasoning: string;
  tools: ToolCall[];
  finish?: string | undefined;
  usage?: Usage | undefined;
  failure?: Failure | undefined;
  head?: Head | undefined;
  /** Milliseconds from sending to the first word, and to the end. */
  firstAfter?: number | undefined;
  took?: number | undefined;
}

export const WAITING: Answer = { state: "waiting", text: "", reasoning: "", tools: [] };

interface Part {
  content?: string | null;
  reasoning_content?: string | null;
  reasoning?: string | null;
  refusal?: string | null;
  tool_calls?: { index?: number; id?: string; function?: { name?: string; arguments?: string } }[] | null;
}

/** A completion, or a chunk of one, as OpenAI writes it; whatever is missing or of another type is passed over. */
export interface Chunk {
  choices?: { index?: number; delta?: Part; message?: Part; finish_reason?: string | null }[];
  usage?: Usage | null;
  error?: { message?: string; code?: string | null; type?: string };
}

/** The answer with one more piece. Of several choices the first is shown. */
export function withChunk(answer: Answer, chunk: Chunk): Answer {
  if (chunk.error) {
    const { message, code, type } = chunk.error;
    const failure = { status: 200, code: code ?? type, message: message ?? "The stream broke off." };
    return { ...answer, state: "failed", failure };
  }
  const choice = chunk.choices?.find(({ index }) => (index ?? 0) === 0);
  const part = choice?.delta ?? choice?.message ?? {};
  return {
    ...answer,
    state: "streaming",
    text: answer.text + (part.content ?? "") + (part.refusal ?? ""),
    reasoning: answer.reasoning + (part.reasoning_content ?? part.reasoning ?? ""),
    tools: withTools(answer.tools, part.tool_calls ?? []),
    finish: choice?.finish_reason ?? answer.finish,
    usage: chunk.usage ?? answer.usage,
  };
}

function withTools(known: ToolCall[], pieces: NonNullable<Part["tool_calls"]>): ToolCall[] {
  if (pieces.length === 0) return known;
  const tools = [...known];
  pieces.forEach((piece, place) => {
    const at = piece.index ?? place;
    const before = tools[at] ?? { id: "", name: "", arguments: "" };
    tools[at] = {
      id: piece.id ?? before.id,
      name: before.name + (piece.function?.name ?? ""),
      arguments: before.arguments + (piece.function?.arguments ?? ""),
    };
  });
  return [...tools].map((tool) => tool ?? { id: "", name: "", arguments: "" });
}

/** Whether anything of it can be seen yet. */
export function hasBegun({ text, reasoning, tools }: Answer): boolean {
  return text !== "" || reasoning !== "" || tools.length > 0;
}
