import { useCallback, useEffect, useReducer, useRef, useState } from "react";
import { complete } from "./complete";
import { conversation, request, type Said, type Turn } from "./conversation";
import type { PlaygroundSearch } from "./search";

export interface Chat {
  turns: Turn[];
  running: boolean;
  send: (said: Said) => void;
  /** Says a turn again, as it was or otherwise; what followed it is gone. */
  again: (turn: Turn, said: Said) => void;
  cut: (id: number) => void;
  stop: () => void;
  clear: () => void;
}

/** The conversation, and the calls under way. Leaving the page ends them. */
export function useChat(search: PlaygroundSearch): Chat {
  const [turns, change] = useReducer(conversation, []);
  const [calls, setCalls] = useState(0);
  const ending = useRef(new AbortController());
  const next = useRef(1);

  useEffect(() => {
    ending.current = new AbortController();
    return () => ending.current.abort();
  }, []);

  const stop = useCallback(() => {
    ending.current.abort();
    ending.current = new AbortController();
  }, []);

  const say = (before: readonly Turn[], said: Said) => {
    const id = next.current;
    next.current += 1;
    const sides = search.compare ? [0, 1] : [0];
    change({ do: "say", id, said, sides: sides.length });
    const { signal } = ending.current;
    for (const side of sides) {
      setCalls((now) => now + 1);
      void complete({
        body: request(search, side, before, said),
        key: side === 0 ? search.key : search.key2,
        signal,
        onAnswer: (answer) => change({ do: "answer", id, side, answer }),
      }).finally(() => setCalls((now) => now - 1));
    }
  };

  return {
    turns,
    running: calls > 0,
    stop,
    send: (said) => say(turns, said),
    again: (turn, said) => {
      change({ do: "cut", id: turn.id });
      say(
        turns.slice(
          0,
          turns.findIndex(({ id }) => id === turn.id),
        ),
        said,
      );
    },
    cut: (id) => change({ do: "cut", id }),
    clear: () => {
      stop();
      change({ do: "clear" });
    },
  };
}
