import type { ReactElement } from "react";
import { Icon } from "../../../parts";
import { Coded } from "./Coded";

/** What the gateway has to say of a form as a whole; nothing where it has nothing. */
export function Notes({
  notes,
  tone = "warn",
}: {
  notes: readonly string[];
  tone?: "warn" | "bad";
}): ReactElement | null {
  const said = notes.filter(Boolean);
  if (said.length === 0) return null;
  return (
    <div className={`providers-notes providers-notes-${tone}`} role={tone === "bad" ? "alert" : "status"}>
      <Icon name={tone} />
      <ul>
        {said.map((note) => (
          <li key={note} className="wrap-anywhere">
            <Coded text={note} />
          </li>
        ))}
      </ul>
    </div>
  );
}
