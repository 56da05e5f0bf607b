import { useQuery } from "@tanstack/react-query";
import { Link } from "@tanstack/react-router";
import type { ReactNode } from "react";
import { messageOf, query } from "../../api/client";
import { Code, CopyButton, Duration, Icon, Money, Skeleton, Tokens } from "../../parts";
import { adviceFor } from "./advice";
import { type Answer, hasBegun } from "./answer";
import { Markdown } from "./Markdown";

export interface AnswerViewProps {
  answer: Answer;
  asked: { model: string; key: string | undefined };
  /** Which side of a comparison it is. */
  name: string | undefined;
}

/** An answer as it comes, with what it cost and who gave it. */
export function AnswerView({ answer, asked, name }: AnswerViewProps): ReactNode {
  const { state, text, reasoning, tools, failure, head } = answer;
  const where = head?.provider ? `${head.provider}/${head.model ?? ""}` : asked.model;
  const over = state !== "waiting" && state !== "streaming";
  return (
    <article
      className="playground-answer"
      aria-busy={!over}
      aria-label={`${name ? `${name}: ` : ""}Answer of ${where}`}
    >
      <div className="playground-who">
        <span className="wrap-anywhere">
          {name && <span className="faint">{name} · </span>}
          {where}
        </span>
        {text && (
          <span className="playground-tools">
            <CopyButton text={text} label="Copy the answer" />
          </span>
        )}
      </div>
      {reasoning && (
        <details className="playground-reasoning soft small">
          <summary>Reasoning</summary>
          <p>{reasoning}</p>
        </details>
      )}
      {!hasBegun(answer) && !over && <Skeleton width="40%" />}
      {text && <Markdown text={text} />}
      {tools.map((tool) => (
        <div key={tool.id || tool.name} className="stack-tight">
          <span className="soft small">
            Calls the tool <code>{tool.name}</code>
          </span>
          <Code code={pretty(tool.arguments)} language="json" label={`the arguments of ${tool.name}`} />
        </div>
      ))}
      {state === "stopped" && <p className="soft small">Stopped.{head && " What had come is billed."}</p>}
      {answer.finish === "length" && <p className="soft small">It ends here because the longest answer was reached.</p>}
      {failure && <Failed failure={failure} asked={asked} />}
      <span className="sr-only" role="status">
        {over ? `The answer of ${where} is ${state === "done" ? "complete" : state}.` : ""}
      </span>
      <Figures answer={answer} over={over} />
    </article>
  );
}

function Failed({ failure, asked }: { failure: NonNullable<Answer["failure"]>; asked: AnswerViewProps["asked"] }) {
  const advice = adviceFor(failure);
  return (
    <div className="playground-failed" role="alert">
      <Icon name="bad" />
      <div className="stack-tight">
        <p>
          <strong>{messageOf(new Error(failure.message))}</strong>{" "}
          {failure.status > 0 && (
            <span className="faint small mono">
              {failure.status} {failure.code}
            </span>
          )}
        </p>
        <p className="small">
          {advice.says}{" "}
          {advice.to && (
            <Link to={advice.to} className="nowrap">
              {advice.link}
            </Link>
          )}{" "}
          <Link
            to="/routing"
            search={{ tab: "what-if", model: asked.model, ...(asked.key && { key: asked.key }) }}
            className="nowrap"
          >
            What would happen?
          </Link>
        </p>
      </div>
    </div>
  );
}

/** Tokens, cost and times: what the stream tells at once, and what only the log row knows a moment later. */
function Figures({ answer, over }: { answer: Answer; over: boolean }) {
  const { head, usage, firstAfter, took } = answer;
  const id = head?.requestId;
  const log = useQuery({
    ...query("/api/logs/{id}", { params: { path: { id: id ?? "" } } }),
    enabled: over && id !== undefined,
    staleTime: Number.POSITIVE_INFINITY,
    // The row is written within a second after the last byte.
    retry: 6,
    retryDelay: 400,
  });
  const row = log.data;
  if (!id) return null;
  const input = row?.token_usage?.prompt_tokens ?? usage?.prompt_tokens;
  const output = row?.token_usage?.completion_tokens ?? usage?.completion_tokens;
  const attempts = row ? row.attempts.filter((attempt) => attempt.outcome !== "skipped").length : head?.attempts;
  const latency = row?.latency ?? took;
  const speed =
    output && latency && firstAfter !== undefined && latency > firstAfter
      ? (output / (latency - firstAfter)) * 1000
      : undefined;
  return (
    <div className="playground-figures">
      <dl>
        <Figure name="In">
          <Tokens value={input} />
        </Figure>
        <Figure name="Out">
          <Tokens value={output} />
        </Figure>
        <Figure name="Cost">{row?.unpriced ? "no price" : <Money value={row?.cost} />}</Figure>
        <Figure name="First word">
          <Duration value={row?.time_to_first_token ?? firstAfter} />
        </Figure>
        <Figure name="Whole">
          <Duration value={latency} />
        </Figure>
        {speed !== undefined && <Figure name="Speed">{Math.round(speed)} tok/s</Figure>}
        {attempts !== undefined && attempts > 1 && <Figure name="Attempts">{attempts}</Figure>}
      </dl>
      {over && (
        <Link to="/logs/$id" params={{ id }} className="small">
          Log row
        </Link>
      )}
    </div>
  );
}

function Figure({ name, children }: { name: string; children: ReactNode }) {
  return (
    <div>
      <dt>{name}</dt>
      <dd>{children}</dd>
    </div>
  );
}

function pretty(json: string): string {
  try {
    return JSON.stringify(JSON.parse(json), null, 2);
  } catch {
    return json;
  }
}
