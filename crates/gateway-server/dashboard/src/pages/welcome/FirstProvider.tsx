import { Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { useMay } from "../../app/session";
import { Button, Status } from "../../parts";
import { type Provider, standingOf } from "../providers/health";
import { useKinds } from "../providers/kinds";
import { Offers } from "../providers/Offers";

/** Those that most people begin with: a server of one's own, and the clouds. */
const USUAL = ["vllm", "ollama", "openai", "anthropic", "gemini", "bedrock"];

interface FirstProviderProps {
  providers: readonly Provider[];
  onChoose: (kind: string) => void;
}

/** Where models come from: what is there already, what was noticed, and the usual kinds to add. */
export function FirstProvider({ providers, onChoose }: FirstProviderProps): ReactElement {
  const { all } = useKinds();
  const { why } = useMay("operator");
  const usual = USUAL.flatMap((name) => all.filter((kind) => kind.name === name));
  return (
    <>
      {providers.length > 0 ? (
        <ul className="welcome-there" aria-label="Providers that are there">
          {providers.map((provider) => {
            const { tone, word } = standingOf(provider);
            return (
              <li key={provider.name}>
                <Status tone={tone}>
                  <Link to="/providers/$name" params={{ name: provider.name }}>
                    {provider.name}
                  </Link>
                  <span className="soft">{word}</span>
                </Status>
              </li>
            );
          })}
        </ul>
      ) : (
        <p className="soft">A provider is where models are: a server of your own, or a cloud with its key.</p>
      )}
      <Offers />
      <div className="welcome-kinds">
        {usual.map((kind) => (
          <Button key={kind.name} icon="plus" disabledBecause={why} onClick={() => onChoose(kind.name)}>
            {kind.title}
          </Button>
        ))}
        <Button kind="quiet" disabledBecause={why} onClick={() => onChoose("choose")}>
          All kinds
        </Button>
      </div>
    </>
  );
}
