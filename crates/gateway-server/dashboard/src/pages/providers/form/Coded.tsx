import type { ReactElement } from "react";

/** A sentence of the gateway, whose names in backticks are shown as code. */
export function Coded({ text }: { text: string }): ReactElement {
  const parts = text.split("`");
  return (
    <>
      {parts.map((part, at) =>
        at % 2 === 1 ? (
          // biome-ignore lint/suspicious/noArrayIndexKey: parts of a sentence have no other name
          <code key={at}>{part}</code>
        ) : (
          part
        ),
      )}
    </>
  );
}
