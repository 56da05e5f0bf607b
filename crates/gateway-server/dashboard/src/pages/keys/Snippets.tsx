import { useQuery } from "@tanstack/react-query";
import { type ReactElement, useState } from "react";
import { query } from "../../api/client";
import { Code, Tabs } from "../../parts";
import { modelFor, type Snippet, snippets, VARIABLE } from "./snippets";
import type { VirtualKey } from "./types";

export interface SnippetsProps {
  of: VirtualKey;
  /** While it may be shown. */
  value?: string | undefined;
}

/** How an application calls the gateway with this key. */
export function Snippets({ of, value }: SnippetsProps): ReactElement {
  const [open, setOpen] = useState<Snippet["id"]>("curl");
  const model = useModel(of);
  const all = snippets({ base: window.location.origin, model, value });
  const shown = all.find((snippet) => snippet.id === open);
  return (
    <div className="stack-tight">
      <Tabs
        label="Languages"
        value={open}
        onChange={setOpen}
        tabs={all.map((snippet) => ({ value: snippet.id, label: snippet.label }))}
      >
        {shown && (
          <div className="stack-tight">
            {shown.needs && <p className="soft small mono">{shown.needs}</p>}
            <Code code={shown.code} label={`the ${shown.label} snippet`} />
          </div>
        )}
      </Tabs>
      {value === undefined && (
        <p className="soft small">
          Put the key's value into the environment as <code>{VARIABLE}</code>. It was shown once, when it was made; if
          it is lost, rotate the key.
        </p>
      )}
    </div>
  );
}

function useModel({ provider_configs }: VirtualKey): string {
  const named = modelFor(provider_configs);
  const [first] = provider_configs;
  const asked = { limit: 1, ...(first ? { provider: first.provider } : {}) };
  const known = useQuery({ ...query("/api/models", { params: { query: asked } }), enabled: named === undefined });
  return named ?? known.data?.models[0]?.name ?? "gpt-4o-mini";
}
