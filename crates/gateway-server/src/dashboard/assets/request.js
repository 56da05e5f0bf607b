// One request of the log with everything that is known of it.

import { code, facts, h } from "./dom.js";
import { count, millis, money, when, words } from "./format.js";

/** What a row opens to. */
export function details(row) {
  const error = row.error_details;
  return h("div", { class: "request-details" }, [
    error && h("p", { class: "trouble" }, h("strong", {}, error.code), ": ", error.message),
    h("div", { class: "columns" }, [story(row), tokens(row.token_usage)]),
    attempts(row.attempts),
    row.plan?.picks && plan(row.plan),
    row.losses.length > 0 && losses(row.losses),
    body("Request body", row.raw_request),
    body("Response body", row.raw_response),
  ]);
}

const titled = (title, ...content) => h("div", {}, h("h3", {}, title), content);

function story(row) {
  const { requested_model: asked, operation, clamped_max_tokens: clamped } = row;
  return titled("Request", facts([
    ["Id", code(row.id)],
    ["Came", when(row.timestamp)],
    ["Asked for", [asked ?? "–", operation && ` (${words(operation)}${row.stream ? ", streamed" : ""})`]],
    ["Answered by", row.provider && `${row.provider}/${row.model} with key ${row.selected_key_id}`],
    ["Virtual key", row.virtual_key_id ?? "none"],
    ["HTTP status", row.status_code],
    ["Cost", row.unpriced ? "no price is known for this model" : money(row.cost)],
    ["Took", `${millis(row.latency)}, of which ${millis(row.upstream_latency)} waiting for providers`],
    ["First content after", row.time_to_first_token != null && millis(row.time_to_first_token)],
    ["Output cap set to", clamped != null && `${count(clamped)} tokens, because of a budget`],
  ]));
}

/** Tokens by class; parts stand under their sums. */
function tokens(usage) {
  if (!usage) return null;
  const { prompt_tokens_details: input, completion_tokens_details: output } = usage;
  const part = (label, value) => [label, value > 0 && count(value)];
  return titled(`Tokens (${usage.basis})`, facts([
    ["In", count(usage.prompt_tokens)],
    part("from the cache", input.cached_tokens),
    part("into the cache", input.cache_write_tokens),
    part("audio in", input.audio_tokens),
    ["Out", count(usage.completion_tokens)],
    part("reasoning", output.reasoning_tokens),
    part("audio out", output.audio_tokens),
    ["Together", count(usage.total_tokens)],
  ]));
}

function attempts(all) {
  if (all.length === 0) return h("p", { class: "hint" }, "No provider was asked.");
  const one = (attempt) => h("li", {}, [
    deployment(attempt.provider, attempt.model, attempt.key_id), `, ${words(attempt.reason)}: `,
    h("span", { class: attempt.outcome === "success" ? "good" : "bad" }, words(attempt.outcome)),
    attempt.outcome !== "skipped" && [
      attempt.status_code ? ` with status ${attempt.status_code}` : "",
      ` after ${millis(attempt.latency)}, begun at ${millis(attempt.started)}`,
    ],
    attempt.message && h("div", { class: "hint" }, attempt.message),
  ]);
  return titled("Attempts", h("ol", { class: "attempts" }, all.map(one)));
}

const deployment = (provider, model, key) => [h("strong", {}, `${provider}/${model}`), ` (key ${key})`];

/** The router's own words, candidate by candidate. */
function plan({ strategy, picks, left_out: out }) {
  const one = ({ deployment: { provider, model, key }, reason }) =>
    h("li", {}, deployment(provider, model, key), `: ${reason.words}`);
  return [
    titled(`Why in this order (strategy: ${words(strategy)})`, h("ol", { class: "plan" }, picks.map(one))),
    out.length > 0 && titled("Left out", h("ul", { class: "left-out" }, out.map(one))),
  ];
}

function losses(all) {
  const one = ({ field, fate, note }) => h("li", {}, code(field), ` was ${words(fate)}: ${note}`);
  return titled("What the translation could not keep", h("ul", {}, all.map(one)));
}

function body(title, text) {
  return text && h("details", {}, h("summary", {}, title), h("pre", {}, text));
}
