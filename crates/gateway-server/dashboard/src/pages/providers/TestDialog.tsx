import { Link } from "@tanstack/react-router";
import { type ReactElement, useEffect, useRef, useState } from "react";
import { api, call, type components, useChange } from "../../api/client";
import { duration } from "../../lib/format";
import {
  Button,
  Combobox,
  CopyButton,
  Dialog,
  Field,
  KeyValue,
  Loading,
  Money,
  Problem,
  Status,
  TextInput,
  Tokens,
} from "../../parts";
import { Coded } from "./form/Coded";
import { Folded } from "./form/Folded";
import type { Provider, ProviderKey } from "./health";
import { lookUpModels } from "./models";

type Result = components["schemas"]["ProviderTest"];

const ASKED: Partial<Record<Result["operation"], string>> = {
  chat: "a few words of chat",
  embeddings: "one vector",
  rerank: "two documents to put in order",
  models: "its list of models: it does nothing cheaper",
};

/** Tries a provider, or one of its keys, with a small real call, and says in words what came of it. */
export function TestDialog({
  provider,
  ofKey,
  onClose,
}: {
  provider: Provider;
  ofKey?: ProviderKey | undefined;
  onClose: () => void;
}): ReactElement {
  const [model, setModel] = useState("");
  const [message, setMessage] = useState("");
  const test = useChange(
    () =>
      call(
        api.POST("/api/providers/{provider}/test", {
          params: { path: { provider: provider.name } },
          body: { ...(model && { model }), ...(message && { message }), ...(ofKey && { key: ofKey.id }) },
        }),
      ),
    { refreshes: ["/api/health", "/api/providers", "/api/overview"], showsError: true },
  );
  const begun = useRef(false);
  useEffect(() => {
    if (begun.current) return;
    begun.current = true;
    test.mutate(undefined);
  }, [test]);
  return (
    <Dialog
      open
      wide
      onClose={onClose}
      title={ofKey ? `Test of the key ${ofKey.name} of ${provider.name}` : `Test of ${provider.name}`}
      about="A small real call: it is billed, limits hold, and it is in the log."
      onSubmit={() => !test.isPending && test.mutate(undefined)}
      actions={
        <>
          <Button onClick={onClose}>Close</Button>
          <Button type="submit" kind="primary" icon="bolt" busy={test.isPending}>
            Test again
          </Button>
        </>
      }
    >
      <div className="stack">
        <div aria-live="polite">
          {test.isPending && <Loading label={`Calling ${provider.name}…`} lines={4} />}
          {!test.isPending && test.error && <Problem error={test.error} title="The test could not be made" />}
          {!test.isPending && test.data && <Outcome result={test.data} />}
        </div>
        <Folded label="Ask another model, or something else">
          <div className="providers-test-what">
            <Field label="Model" optional hint="The cheapest that is known unless you name one.">
              <Combobox
                mono
                value={model}
                onChange={setModel}
                options={lookUpModels(provider.name)}
                placeholder={test.data?.model ?? ""}
              />
            </Field>
            <Field label="Message" optional>
              <TextInput value={message} onChange={setMessage} placeholder="Say hello." />
            </Field>
          </div>
        </Folded>
      </div>
    </Dialog>
  );
}

function Outcome({ result }: { result: Result }) {
  const { ok, error, latency_ms, operation } = result;
  return (
    <div className="stack">
      <p className="providers-test-word">
        <Status tone={ok ? "ok" : "bad"}>
          {ok ? `It answered in ${duration(latency_ms)}` : `It failed after ${duration(latency_ms)}`}
        </Status>
      </p>
      {error && (
        <div className="providers-test-error">
          <p className="wrap-anywhere">
            <Coded text={error.message} />
          </p>
          <p>
            <b>What to do:</b> {error.advice}
          </p>
        </div>
      )}
      {result.said && <blockquote className="providers-said">{result.said}</blockquote>}
      {ok && operation === "chat" && !result.said && (
        <p className="soft small">
          It wrote nothing within the few tokens of a test: some models think before they say a word.
        </p>
      )}
      <KeyValue
        columns={2}
        items={[
          ["Asked for", ASKED[operation] ?? operation],
          ["Model", result.model && <code className="wrap-anywhere">{result.model}</code>],
          ["Status", result.status],
          [
            "Provider took",
            result.upstream_ms !== null && result.upstream_ms !== undefined && duration(result.upstream_ms),
          ],
          ["Tokens in", typeof result.input_tokens === "number" && <Tokens value={result.input_tokens} />],
          ["Tokens out", typeof result.output_tokens === "number" && <Tokens value={result.output_tokens} />],
          ["Cost", typeof result.cost === "number" && <Money value={result.cost} />],
          [
            "In the log",
            result.request_id && (
              <span className="row">
                <Link to="/logs/$id" params={{ id: result.request_id }}>
                  Open the entry
                </Link>
                <CopyButton text={result.request_id} label="Copy the request id" />
              </span>
            ),
          ],
        ]}
      />
    </div>
  );
}
