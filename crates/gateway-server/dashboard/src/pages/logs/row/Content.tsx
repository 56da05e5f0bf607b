// What was said: as chat, and as the bytes that went to and fro.

import { getRouteApi, Link } from "@tanstack/react-router";
import type { ReactElement } from "react";
import { plural } from "../../../lib/format";
import { Badge, Code, Empty, JsonView, Tabs } from "../../../parts";
import type { LogsSearch } from "../search";
import type { Conversation, LogDetail } from "../types";
import { Message } from "./Message";

type View = NonNullable<LogsSearch["view"]>;

const route = getRouteApi("/logs");

export function Content({ row }: { row: LogDetail }): ReactElement {
  const search = route.useSearch();
  const navigate = route.useNavigate();
  const { conversation, raw_request: request, raw_response: response } = row;
  if (request == null && response == null) return <NotKept />;
  const tabs: { value: View; label: string }[] = [
    ...(conversation ? [{ value: "conversation" as const, label: "Conversation" }] : []),
    ...(request == null ? [] : [{ value: "request" as const, label: "Request" }]),
    ...(response == null ? [] : [{ value: "response" as const, label: "Response" }]),
  ];
  const view = tabs.find(({ value }) => value === search.view)?.value ?? tabs[0]?.value ?? "request";
  return (
    <Tabs<View>
      label="What was said"
      value={view}
      onChange={(chosen) =>
        void navigate({ to: ".", search: (now) => ({ ...now, view: chosen }), replace: true, resetScroll: false })
      }
      tabs={tabs}
    >
      {view === "conversation" && conversation && <Chat conversation={conversation} />}
      {view === "request" && <Raw text={request ?? ""} label="Request body" cut={conversation?.request_cut} />}
      {view === "response" && <Raw text={response ?? ""} label="Response body" cut={conversation?.response_cut} />}
    </Tabs>
  );
}

function Chat({ conversation }: { conversation: Conversation }) {
  const { messages, answers, tools } = conversation;
  return (
    <div className="logs-chat">
      {tools.length > 0 && (
        <details className="logs-details">
          <summary>{plural(tools.length, "tool")} offered to the model</summary>
          <ul className="logs-plain">
            {tools.map((tool) => (
              <li key={tool.name}>
                <code>{tool.name}</code> <span className="soft">{tool.description}</span>
              </li>
            ))}
          </ul>
        </details>
      )}
      {messages ? (
        messages.map((message, at) => (
          // biome-ignore lint/suspicious/noArrayIndexKey: messages have nothing else that tells them apart, and never change
          <Message key={at} who={message.role} name={message.name} parts={message.parts} />
        ))
      ) : (
        <p className="soft small">
          {conversation.request_cut
            ? "The request is longer than what is kept; see the raw beginning of it."
            : "The request cannot be shown as chat; see the raw one."}
        </p>
      )}
      {answers?.map((answer, at) => (
        <Message
          // biome-ignore lint/suspicious/noArrayIndexKey: likewise
          key={`answer ${at}`}
          who="assistant"
          name={answers.length > 1 ? `answer ${at + 1}` : null}
          parts={answer.parts}
          isAnswer
          end={
            answer.finish && (
              <Badge tone={answer.finish === "stop" || answer.finish === "tools" ? "muted" : "warn"}>
                {FINISHES[answer.finish] ?? answer.finish}
              </Badge>
            )
          }
        />
      ))}
      {conversation.response_cut && <p className="soft small">The answer is longer than what is kept.</p>}
    </div>
  );
}

const FINISHES: Record<string, string> = {
  stop: "done",
  length: "met its cap",
  tools: "wants tools",
  filtered: "withheld by a filter",
  refusal: "declined",
  pause: "paused",
};

/** A body as JSON where it is JSON, else as it came. */
function Raw({ text, label, cut }: { text: string; label: string; cut: boolean | undefined }) {
  const json = parse(text);
  return (
    <div className="stack-tight">
      {cut && <p className="soft small">This is the beginning; no more than 256 KiB are kept.</p>}
      {json === undefined ? (
        <Code code={text || "(empty)"} label={label} wrap maxHeight="32rem" />
      ) : (
        <JsonView value={json} open={3} label={label} />
      )}
    </div>
  );
}

function parse(text: string): unknown {
  try {
    const value: unknown = JSON.parse(text);
    return typeof value === "object" ? value : undefined;
  } catch {
    return undefined;
  }
}

function NotKept() {
  return (
    <Empty title="Requests and answers are not kept" icon="lock">
      <p>
        Only facts about this call were written down. To keep bodies too (of calls from then on, up to 256 KiB each),
        set <code>content_capture</code> to <code>full</code> in the <Link to="/settings">settings</Link>.
      </p>
    </Empty>
  );
}
