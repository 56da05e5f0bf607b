import { Tooltip as Radix } from "radix-ui";
import type { ReactElement, ReactNode } from "react";
import "./overlay.css";

export function TooltipProvider({ children }: { children: ReactNode }): ReactElement {
  return <Radix.Provider delayDuration={400}>{children}</Radix.Provider>;
}

/** Says more about what is under the pointer or has the focus. The child must take a ref: a button, a link, a span. */
export function Tooltip({ text, children }: { text: ReactNode; children: ReactElement }): ReactElement {
  if (!text) return children;
  return (
    <Radix.Root>
      <Radix.Trigger asChild>{children}</Radix.Trigger>
      <Radix.Portal>
        <Radix.Content className="tooltip" sideOffset={6} collisionPadding={8}>
          {text}
        </Radix.Content>
      </Radix.Portal>
    </Radix.Root>
  );
}
