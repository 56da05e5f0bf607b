import { type ReactElement, type ReactNode, useState } from "react";

/** A part of a form that most people leave as it is. It opens by itself where something in it is wrong. */
export function Folded({
  label,
  open,
  children,
}: {
  label: string;
  open?: boolean;
  children: ReactNode;
}): ReactElement {
  const [unfolded, setUnfolded] = useState(false);
  return (
    <details
      className="providers-folded"
      open={unfolded || open}
      onToggle={(event) => setUnfolded(event.currentTarget.open)}
    >
      <summary>{label}</summary>
      <div className="stack">{children}</div>
    </details>
  );
}
