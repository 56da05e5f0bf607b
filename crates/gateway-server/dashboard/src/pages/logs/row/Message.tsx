// One message of a conversation, part by part.

import clsx from "clsx";
import { type ReactElement, type ReactNode, useState } from "react";
import { bytes, count } from "../../../lib/format";
import { Badge, Code, Icon, JsonView } from "../../../parts";
import type { ChatMedia, ChatPart } from "../types";

interface MessageProps {
  who: "system" | "user" | "assistant";
  name: string | null | undefined;
  parts: readonly ChatPart[];
  /** It is what came back, and not what was sent along. */
  isAnswer?: boolean;
  /** How it ended. */
  end?: ReactNode;
}

const ROLES = { system: "System", user: "User", assistant: "Assistant" } as const;

export function Message({ who, name, parts, isAnswer, end }: MessageProps): ReactElement {
  const onlyResults = parts.length > 0 && parts.every((part) => part.type === "tool_result");
  const speaker = isAnswer ? "Answer" : onlyResults ? "Tool" : ROLES[who];
  return (
    <article className={clsx("logs-message", `logs-message-${onlyResults ? "tool" : who}`, isAnswer && "logs-answer")}>
      <header className="logs-speaker">
        <strong>{speaker}</strong> {name && <span className="soft">{name}</span>} {end}
      </header>
      {parts.length === 0 && <p className="faint">(nothing)</p>}
      {parts.map((part, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: parts have nothing else that tells them apart, and never change
        <Piece key={at} part={part} />
      ))}
    </article>
  );
}

function Piece({ part }: { part: ChatPart }): ReactElement {
  switch (part.type) {
    case "text":
      return (
        <>
          <Text text={part.text} />
          {part.citations.length > 0 && (
            <ul className="logs-plain small soft" aria-label="Sources">
              {part.citations.map((source, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: sources may be cited twice
                <li key={at}>{[source.title, source.url, source.quote].filter(Boolean).join(" · ")}</li>
              ))}
            </ul>
          )}
        </>
      );
    case "image":
      return <Media kind="Image" media={part.media} />;
    case "audio":
      return <Media kind="Audio" media={part.media} about={part.transcript} />;
    case "video":
      return <Media kind="Video" media={part.media} />;
    case "document":
      return <Media kind="Document" media={part.media} about={part.name} />;
    case "tool_call":
      return (
        <div className="logs-tool">
          <p className="small">
            <Icon name="bolt" size={12} /> Calls <code>{part.name}</code> <span className="faint mono">{part.id}</span>
          </p>
          <Arguments text={part.arguments} />
        </div>
      );
    case "tool_result":
      return (
        <div className="logs-tool">
          <p className="small">
            <Icon name="check" size={12} /> Result of {part.name ? <code>{part.name}</code> : "the call"}{" "}
            <span className="faint mono">{part.id}</span> {part.failed && <Badge tone="bad">failed</Badge>}
          </p>
          {part.parts.map((inner, at) => (
            // biome-ignore lint/suspicious/noArrayIndexKey: likewise
            <Result key={at} part={inner} />
          ))}
        </div>
      );
    case "reasoning":
      return <Reasoning text={part.text} encrypted={part.encrypted} />;
    case "refusal":
      return (
        <div>
          <Badge tone="warn">Refusal</Badge>
          <Text text={part.text} />
        </div>
      );
    case "other":
      return <JsonView value={part.json} open={1} label={`A part that only ${part.dialect} knows`} />;
  }
}

/** Tools mostly answer in JSON. */
function Result({ part }: { part: ChatPart }) {
  return part.type === "text" && /^\s*[[{]/.test(part.text) ? <Arguments text={part.text} /> : <Piece part={part} />;
}

const LONG = 4_000;

/** Text, with blocks of code as such. Nothing else of a markup is read: what was said is to be seen as it was said. */
function Text({ text }: { text: string }) {
  const [whole, setWhole] = useState(false);
  const shown = whole ? text : text.slice(0, LONG);
  const rest = text.length - shown.length;
  return (
    <>
      {shown.split(FENCED).map((piece, at) => {
        const code = at % 2 === 1;
        if (!piece.trim()) return null;
        // biome-ignore-start lint/suspicious/noArrayIndexKey: pieces of a text never change
        return code ? (
          <Code key={at} code={piece.replace(/^[^\n]*\n/, "").trimEnd()} label="Code block" wrap />
        ) : (
          <p key={at} className="logs-text">
            {piece.trim()}
          </p>
        );
        // biome-ignore-end lint/suspicious/noArrayIndexKey: likewise
      })}
      {rest > 0 && (
        <button type="button" className="button button-small button-quiet" onClick={() => setWhole(true)}>
          {count(rest)} more characters
        </button>
      )}
    </>
  );
}

const FENCED = /^```([\s\S]*?)^```/m;

function Arguments({ text }: { text: string }) {
  try {
    return (
      <Code code={JSON.stringify(JSON.parse(text), null, 2)} language="json" label="Arguments" maxHeight="20rem" wrap />
    );
  } catch {
    return text ? (
      <Code code={text} label="Arguments" maxHeight="20rem" wrap />
    ) : (
      <p className="faint small">(no arguments)</p>
    );
  }
}

function Reasoning({ text, encrypted }: { text: string; encrypted: boolean }) {
  if (!text)
    return (
      <p className="soft small">
        {encrypted ? "Reasoning that only the provider can read" : "Reasoning that is not shown"}
      </p>
    );
  return (
    <details className="logs-details">
      <summary>Reasoning</summary>
      <p className="logs-text soft">{text}</p>
    </details>
  );
}

/** Nothing is fetched: what was sent is told by its type and size. */
function Media({ kind, media, about }: { kind: string; media: ChatMedia; about?: string | null | undefined }) {
  const size = media.bytes == null ? undefined : bytes(media.bytes);
  const facts = [media.media_type, size, about, media.file && `kept at the provider as ${media.file}`];
  return (
    <div className="logs-media">
      <Icon name={kind === "Audio" ? "play" : "eye"} />
      <div>
        <strong>{kind}</strong> <span className="soft">{facts.filter(Boolean).join(" · ")}</span>
        {media.url && <div className="small mono wrap-anywhere">{media.url}</div>}
        {media.text && <Text text={media.text} />}
      </div>
    </div>
  );
}
