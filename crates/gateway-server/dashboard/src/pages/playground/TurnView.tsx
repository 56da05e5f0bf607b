import clsx from "clsx";
import type { ReactNode } from "react";
import { CopyButton, IconButton } from "../../parts";
import { AnswerView } from "./AnswerView";
import type { Turn } from "./conversation";
import type { PlaygroundSearch } from "./search";

/** What was said, and what came back: one answer, or two side by side. */
export function TurnView({
  turn,
  search,
  running,
  onRetry,
  onEdit,
}: {
  turn: Turn;
  search: PlaygroundSearch;
  running: boolean;
  onRetry: () => void;
  onEdit: () => void;
}): ReactNode {
  const { said, answers } = turn;
  return (
    <li className="playground-turn">
      <div className="playground-said">
        <div className="playground-who">
          <span>You</span>
          <span className="playground-tools">
            <CopyButton text={said.text} label="Copy the message" />
            <IconButton size="small" icon="edit" label="Edit and send again" onClick={onEdit} disabled={running} />
            <IconButton size="small" icon="refresh" label="Ask again" onClick={onRetry} disabled={running} />
          </span>
        </div>
        {said.images.map((url, index) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: an image is told by its place
          <img key={index} src={url} alt={`Attachment ${index + 1}`} className="playground-image" />
        ))}
        <p>{said.text}</p>
      </div>
      <div className={clsx("playground-answers", answers.length > 1 && "playground-two")}>
        {answers.map((answer, side) => (
          <AnswerView
            // biome-ignore lint/suspicious/noArrayIndexKey: a side is told by its place
            key={side}
            answer={answer}
            asked={{
              model: (side === 0 ? search.model : search.model2) ?? "",
              key: side === 0 ? search.key : search.key2,
            }}
            name={answers.length > 1 ? (side === 0 ? "Left" : "Right") : undefined}
          />
        ))}
      </div>
    </li>
  );
}
