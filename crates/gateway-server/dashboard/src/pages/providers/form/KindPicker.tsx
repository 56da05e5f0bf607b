import { type ReactElement, useState } from "react";
import { Badge, Empty, SearchInput } from "../../../parts";
import type { ProviderKind } from "../health";
import { LIKE } from "../kinds";

export interface KindPickerProps {
  kinds: readonly ProviderKind[];
  bases: readonly ProviderKind[];
  taken: readonly string[];
  onChoose: (kind: string) => void;
}

/** Those that most people add first. */
const COMMON = ["openai", "anthropic", "gemini", "azure", "bedrock", "vertex", "vllm", "ollama"];

/** Every kind, the common ones first. */
export function KindPicker({ kinds, bases, taken, onChoose }: KindPickerProps): ReactElement {
  const [typed, setTyped] = useState("");
  const words = typed.trim().toLowerCase();
  const fits = ({ name, title }: ProviderKind) => `${name} ${title}`.toLowerCase().includes(words);
  // `sgl` is another name for SGLang, for whoever looks for it.
  const found = kinds.filter((kind) => fits(kind) && (kind.name !== "sgl" || words === "sgl"));
  const common = COMMON.flatMap((name) => found.filter((kind) => kind.name === name));
  const rest = found.filter((kind) => !COMMON.includes(kind.name));
  const groups: [string, ProviderKind[], string][] = [
    ["Common", common, ""],
    ["Self-hosted servers", rest.filter((kind) => kind.self_hosted), ""],
    ["Clouds", rest.filter((kind) => !kind.self_hosted), ""],
    ["Anything else, by what it speaks", bases.filter((kind) => fits(kind) || words === "custom"), LIKE],
  ];
  const shown = groups.filter(([, members]) => members.length > 0);
  return (
    <div className="stack">
      <SearchInput label="Search kinds" value={typed} onChange={setTyped} autoFocus />
      {shown.length === 0 && (
        <Empty title="No kind is called that" icon="search">
          Many servers speak OpenAI's API: choose “OpenAI-compatible” and say where it is.
        </Empty>
      )}
      {shown.map(([title, members, prefix]) => (
        <section key={title} aria-label={title}>
          <h3 className="providers-group">{title}</h3>
          <ul className="providers-kinds">
            {members.map((kind) => (
              <li key={kind.name}>
                <button type="button" className="providers-kind" onClick={() => onChoose(`${prefix}${kind.name}`)}>
                  <span className="providers-kind-title">{kind.title}</span>
                  <span className="soft small">
                    {prefix ? `speaks ${kind.speaks.join(", ")}` : (kind.base_url ?? "in your cloud account")}
                  </span>
                  {!prefix && taken.includes(kind.name) && <Badge>added</Badge>}
                  {kind.variable_is_set && !taken.includes(kind.name) && (
                    <Badge tone="ok">{`${kind.variable} is set`}</Badge>
                  )}
                </button>
              </li>
            ))}
          </ul>
        </section>
      ))}
    </div>
  );
}
