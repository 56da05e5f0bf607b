import type { ReactNode } from "react";
import { percent } from "../../lib/format";
import type { Rule } from "./rules";
import { conditionWords, fallbackName, type Piece, placeName, shares } from "./sentence";

/** When a rule fits and where it sends calls then. */
export function Sentence({ rule }: { rule: Pick<Rule, "cel_expression" | "targets" | "fallbacks"> }): ReactNode {
  const parts = shares(rule.targets);
  return (
    <p className="routing-sentence">
      <Condition cel={rule.cel_expression} /> <span aria-hidden="true">→</span>
      <span className="sr-only"> goes to </span>{" "}
      {rule.targets.map((target, index) => (
        <span key={placeName(target)}>
          {index > 0 && ", "}
          {rule.targets.length > 1 && <span className="routing-share">{percent(parts[index] ?? 0)} </span>}
          <strong>{placeName(target)}</strong>
        </span>
      ))}
      {rule.fallbacks && rule.fallbacks.length > 0 && (
        <span className="soft"> · else {rule.fallbacks.map(fallbackName).join(", then ")}</span>
      )}
    </p>
  );
}

/** A condition in words, or as it is written where it says more than words can. */
export function Condition({ cel }: { cel: string }): ReactNode {
  const pieces = conditionWords(cel);
  if (!pieces) {
    return (
      <>
        When <code className="mono routing-cel">{cel.trim()}</code>
      </>
    );
  }
  if (pieces.length === 1 && pieces[0]?.text === "always") return <>Always</>;
  return (
    <span title={cel}>
      When
      {pieces.map((piece, index) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: pieces never change places
        <span key={index}>
          {spaced(piece, pieces[index - 1]) && " "}
          <span className={`routing-${piece.kind}`}>{piece.text}</span>
        </span>
      ))}
    </span>
  );
}

function spaced(piece: Piece, before: Piece | undefined): boolean {
  return before?.text !== "(" && piece.text !== ")" && piece.text !== ",";
}
