// Every SDK for Node through the gateway, to its own provider and to foreign ones, which replay recordings. Arguments: a
// file that says where the gateway and the replaying upstream are and what there is to ask for, then words that the
// titles of the rows to run must contain.

import assert from "node:assert/strict";
import { readFile } from "node:fs/promises";
import { Checks, differences, HELLO, unlike } from "./base.mjs";
import { AnthropicMessages, Gemini, OpenAIChat, OpenAIResponses } from "./sdks.mjs";
import {
  VercelAnthropic, VercelBedrock, VercelChat, VercelCohere, VercelCompatible, VercelGoogle, VercelResponses,
} from "./vercel.mjs";

const [file, ...words] = process.argv.slice(2);
const { gateway, replay, key, most, upstreams, said } = JSON.parse(await readFile(file, "utf8"));

// Each SDK, its address under the gateway's, and the upstreams that it is sent to.
const SDKS = [
  [OpenAIChat, "/v1", ["openai", "vllm", "anthropic", "gemini", "bedrock"]],
  [OpenAIResponses, "/openai/v1", ["openai responses", "vllm", "anthropic", "gemini"]],
  [AnthropicMessages, "/anthropic", ["anthropic", "openai", "gemini", "bedrock"]],
  [Gemini, "/genai", ["gemini", "openai", "anthropic"]],
  [VercelChat, "/openai/v1", ["openai", "anthropic", "gemini"]],
  [VercelResponses, "/openai/v1", ["openai responses", "anthropic"]],
  [VercelCompatible, "/v1", ["vllm", "anthropic", "bedrock"]],
  [VercelAnthropic, "/anthropic", ["anthropic", "openai", "gemini"]],
  [VercelGoogle, "/genai", ["gemini", "openai"]],
  [VercelBedrock, "/bedrock", ["bedrock", "openai", "anthropic"]],
  [VercelCohere, "/cohere", ["cohere", "openai"]],
];

// The SDK of each endpoint, without the gateway: what it sees is the truth.
const OWN = {
  chat: [OpenAIChat, "/openai/v1"],
  responses: [OpenAIResponses, "/openai/v1"],
  messages: [AnthropicMessages, "/anthropic"],
  generateContent: [Gemini, "/gemini"],
  converse: [VercelBedrock, "/bedrock"],
  "v2-chat": [VercelCohere, "/cohere"],
};

// What an error in the middle of a stream has for a status: none, that of the head, or one made of the error.
const IN_A_STREAM = [undefined, 200, 424, 500, 502, 503, 529];

class Row {
  constructor(Sdk, path, name) {
    this.title = `${Sdk.title} on ${name}`;
    this.sdk = new Sdk(gateway + path, key);
    this.upstream = upstreams[name];
    const { endpoint } = this.upstream;
    this.own = Sdk.endpoint === endpoint;
    const [Own, direct] = this.own ? [Sdk, OWN[endpoint][1]] : OWN[endpoint];
    this.direct = new Own(replay + direct, "direct");
    this.good = this.upstream.exchanges.filter((exchange) => exchange.good);
    this.failing = this.upstream.exchanges.filter((exchange) => exchange.status !== 200).slice(0, most);
  }

  model = (id) => `${this.upstream.provider}/${id}`;
  case = (name, streamed) => `written.${this.upstream.endpoint}.${streamed ? "stream" : "json"}.${name}`;
  ask = (sdk, model, question, streamed) => sdk.send(model, sdk.question(question), streamed);

  // What the provider's own SDK sees of each exchange; what it cannot read, nobody has to.
  async truths(fits) {
    const found = [];
    const { needsUsage } = this.sdk.constructor;
    for (const exchange of this.good) {
      if (found.length === most) break;
      // Whoever asks for one answer gets one, and whoever asks for words no sound.
      if (!this.own && (exchange.request?.n > 1 || exchange.request?.audio)) continue;
      const answer = await this.ask(this.direct, exchange.id, {}, exchange.streamed).catch(() => null);
      if (answer && fits(exchange, answer) && (answer.seen.usage || !needsUsage)) found.push([exchange, answer]);
    }
    return found;
  }

  plain = () => this.compared(({ streamed }, answer) => !streamed && !answer.seen.calls.length);
  stream = () => this.compared(({ streamed }, answer) => streamed && !answer.seen.calls.length);

  async compared(fits) {
    const cases = await this.truths(fits);
    for (const [exchange, truth] of cases) {
      const answer = await this.ask(this.sdk, this.model(exchange.id), {}, exchange.streamed);
      agree(exchange, differences(answer.seen, truth.seen));
      if (this.own) agree(exchange, [unlike("answer", answer.plain, truth.plain)]);
      if (this.own && this.sdk.recorded && exchange.request) await this.sameToTheLetter(exchange);
    }
    return cases.length;
  }

  // Neither the SDK nor the provider can tell that the gateway stands between them.
  async sameToTheLetter(exchange) {
    if (exchange.request.previous_response_id) return; // The gateway knows whose answers are whose, and this one nobody's.
    const direct = await this.direct.send(exchange.id, this.direct.recorded(exchange), exchange.streamed).catch(() => null);
    if (!direct) return; // The SDK is too new, or too old, for what was once asked.
    const put = await asked();
    const through = await this.sdk.send(this.model(exchange.id), this.sdk.recorded(exchange), exchange.streamed);
    agree(exchange, [unlike("answer", through.plain, direct.plain), unlike("request", await asked(), put)]);
  }

  async tools() {
    const cases = await this.truths((_, answer) => answer.seen.calls.length > 0);
    for (const [exchange, truth] of cases) {
      const tools = [...new Set(truth.seen.calls.map(({ name }) => name))];
      const answer = await this.ask(this.sdk, this.model(exchange.id), { tools }, exchange.streamed);
      agree(exchange, differences(answer.seen, truth.seen));
      const results = truth.seen.calls.map(({ name }, index) => `what ${name} said, ${index}`);
      const next = this.model(this.case("text", exchange.streamed));
      const end = await this.ask(this.sdk, next, { tools, after: answer, results }, exchange.streamed);
      agree(exchange, [unlike("text after the tools", end.seen.text, said.text)]);
      const put = JSON.stringify(await asked());
      agree(exchange, [HELLO, ...results].filter((word) => !put.includes(word)).map((word) => `the request lacks ${word}`));
    }
    return cases.length;
  }

  async error() {
    const cases = [["limited", [429]], ["overloaded", [503, 529]], ["invalid", [400]]];
    for (const streamed of [false, true]) {
      for (const [name, statuses] of cases) {
        const about = await this.fails(this.sdk, this.model(this.case(name, streamed)), streamed);
        assert.ok(statuses.includes(about.status) && about.message.includes(said[name]), `${name}: ${JSON.stringify(about)}`);
        if (name === "limited" && about.retryAfter !== undefined) assert.equal(about.retryAfter, "7");
      }
    }
    for (const exchange of this.failing) {
      const about = await this.fails(this.sdk, this.model(exchange.id), false);
      const direct = await this.fails(this.direct, exchange.id, false);
      assert.equal(about.status, direct.status, exchange.id);
      if (this.own) assert.equal(about.message, direct.message, exchange.id);
    }
    return 2 * cases.length + this.failing.length;
  }

  // A stream that ends early is an error of the SDK, never an answer, and never mere silence.
  async broken() {
    const cases = [["cut", ""], ...(this.upstream.breaks ? [["broken", said.overloaded]] : [])];
    for (const [name, text] of cases) {
      const about = await this.fails(this.sdk, this.model(this.case(name, true)), true);
      assert.ok(about.message.includes(text) && IN_A_STREAM.includes(about.status), `${name}: ${JSON.stringify(about)}`);
    }
    return cases.length;
  }

  async fails(sdk, model, streamed) {
    try {
      const answer = await this.ask(sdk, model, {}, streamed);
      assert.fail(`no error of ${model}, but ${JSON.stringify(answer.seen)}`);
    } catch (error) {
      if (error instanceof assert.AssertionError) throw error;
      assert.ok(sdk.constructor.errors.some((kind) => error instanceof kind), `not an error of the SDK: ${error}`);
      return sdk.told(error);
    }
  }
}

function agree(exchange, found) {
  const told = found.filter(Boolean);
  assert.ok(told.length === 0, `${exchange.id}: ${told.join("; ")}`);
}

// What reached the provider, without the name of the model and what the gateway may put in to see the usage.
async function asked() {
  const [, headers, body] = await (await fetch(`${replay}/asked`)).json();
  const { model, stream_options, ...rest } = body;
  return { ...rest, version: headers["anthropic-version"], betas: headers["anthropic-beta"] };
}

const checks = new Checks();
for (const [Sdk, path, names] of SDKS) {
  for (const name of names) {
    const row = new Row(Sdk, path, name);
    if (words.length && !words.some((word) => row.title.includes(word))) continue;
    for (const check of ["plain", "stream", "tools", "error", "broken"]) await checks.row(row.title, check, () => row[check]());
  }
}
checks.show();
