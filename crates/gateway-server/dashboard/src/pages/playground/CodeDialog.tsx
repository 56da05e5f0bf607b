import { type ReactNode, useState } from "react";
import { Code, Tabs } from "../../parts";
import { type Snippet, snippets } from "./snippets";

/** The call as an application would make it, with a variable in the place of the key's value. */
export function CodeDialog({ body }: { body: Record<string, unknown> }): ReactNode {
  const [open, setOpen] = useState<Snippet["id"]>("curl");
  const all = snippets(body, window.location.origin);
  const shown = all.find(({ id }) => id === open);
  return (
    <Tabs label="Languages" value={open} onChange={setOpen} tabs={all.map(({ id, label }) => ({ value: id, label }))}>
      {shown && (
        <div className="stack-tight">
          <Code code={shown.code} label={`the ${shown.label} call`} maxHeight="60vh" />
          <p className="soft small">
            Put the virtual key's value into the environment as <code>GATEWAY_KEY</code>.
          </p>
        </div>
      )}
    </Tabs>
  );
}
