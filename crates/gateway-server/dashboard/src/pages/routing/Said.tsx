import type { ReactNode } from "react";

/** A sentence of the gateway, in which names stand between backticks. */
export function Said({ children, className }: { children: string; className?: string }): ReactNode {
  return (
    <span className={className}>
      {children.split("`").map((piece, index) =>
        index % 2 === 1 ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: pieces never change places
          <code key={index} className="mono">
            {piece}
          </code>
        ) : (
          piece
        ),
      )}
    </span>
  );
}
