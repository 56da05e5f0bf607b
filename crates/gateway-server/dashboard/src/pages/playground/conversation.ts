// What was said: turns, each with what the person said and one answer per side. Kept in memory, and nowhere else.

import { type Answer, WAITING } from "./answer";
import type { PlaygroundSearch } from "./search";

export interface Said {
  text: string;
  /** Images as data URLs. */
  images: string[];
}

export interface Turn {
  id: number;
  said: Said;
  answers: Answer[];
}

export type Change =
  | { do: "say"; id: number; said: Said; sides: number }
  | { do: "answer"; id: number; side: number; answer: Answer }
  /** Takes a turn away with all that follow: it is said again. */
  | { do: "cut"; id: number }
  | { do: "clear" };

export function conversation(turns: Turn[], change: Change): Turn[] {
  switch (change.do) {
    case "say":
      return [
        ...turns,
        { id: change.id, said: change.said, answers: Array.from({ length: change.sides }, () => WAITING) },
      ];
    case "answer":
      return turns.map((turn) =>
        turn.id === change.id
          ? { ...turn, answers: turn.answers.map((known, side) => (side === change.side ? change.answer : known)) }
          : turn,
      );
    case "cut": {
      const at = turns.findIndex(({ id }) => id === change.id);
      return at < 0 ? turns : turns.slice(0, at);
    }
    case "clear":
      return [];
  }
}

/** What one side is asked: the turns so far with its own answers, and what is said now. */
export function request(
  search: PlaygroundSearch,
  side: number,
  turns: readonly Turn[],
  said: Said,
): Record<string, unknown> {
  const messages: object[] = search.system ? [{ role: "system", content: search.system }] : [];
  for (const turn of turns) {
    const answer = turn.answers[side];
    // What was never answered is not part of what this side knows.
    if (!answer?.text) continue;
    messages.push({ role: "user", content: content(turn.said) }, { role: "assistant", content: answer.text });
  }
  messages.push({ role: "user", content: content(said) });
  const tools = toolsOf(search.tools);
  return {
    model: (side === 0 ? search.model : search.model2) ?? "",
    messages,
    ...(!search.unstreamed && { stream: true, stream_options: { include_usage: true } }),
    ...(search.temperature !== undefined && { temperature: search.temperature }),
    ...(search.max !== undefined && { max_tokens: search.max }),
    ...(search.format && { response_format: { type: search.format } }),
    ...(Array.isArray(tools) && tools.length > 0 && { tools }),
    ...(side === 0 && search.fallback && { fallbacks: search.fallback }),
  };
}

function content({ text, images }: Said): unknown {
  if (images.length === 0) return text;
  const parts = images.map((url) => ({ type: "image_url", image_url: { url } }));
  return [...(text ? [{ type: "text", text }] : []), ...parts];
}

/** Tools that were written as JSON: a list, or what is wrong with it. */
export function toolsOf(text: string | undefined): unknown[] | string {
  if (!text?.trim()) return [];
  try {
    const tools: unknown = JSON.parse(text);
    return Array.isArray(tools) ? tools : 'Write a list: [{ "type": "function", "function": { … } }].';
  } catch (error) {
    return error instanceof Error ? error.message : "This is no JSON.";
  }
}
