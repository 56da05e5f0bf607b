import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { Status, type Tone, Tooltip } from "../parts";

interface Health {
  tone: Tone;
  word: string;
  more: string;
}

/** Whether the gateway answers and its stores work, asked every fifteen seconds. */
export function Pulse(): ReactElement {
  const health = useQuery({
    queryKey: ["pulse"],
    queryFn: ({ signal }) => ask(signal),
    refetchInterval: 15_000,
    staleTime: 10_000,
    retry: false,
  });
  const { tone, word, more } = health.data ?? { tone: "muted", word: "…", more: "Asking the gateway how it is" };
  return (
    <span className="pulse" role="status">
      <Tooltip text={more}>
        <Link to="/overview" aria-label={`Gateway: ${word}. ${more}`}>
          <Status tone={tone}>
            <span className="pulse-word">{word}</span>
          </Status>
        </Link>
      </Tooltip>
    </span>
  );
}

async function ask(signal: AbortSignal): Promise<Health> {
  try {
    const response = await fetch("/health", { signal });
    if (response.ok) return { tone: "ok", word: "Healthy", more: "The gateway answers and its stores work" };
    const body = (await response.json()) as { error?: { message?: string } };
    return { tone: "bad", word: "Degraded", more: body.error?.message ?? `It answers with status ${response.status}` };
  } catch {
    return { tone: "bad", word: "Not reachable", more: "The gateway does not answer. Is it still running?" };
  }
}
