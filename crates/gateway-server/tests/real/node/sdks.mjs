// OpenAI's, Anthropic's and Google's own SDKs for Node.

import Anthropic from "@anthropic-ai/sdk";
import { ApiError, GoogleGenAI } from "@google/genai";
import OpenAI from "openai";
import { HELLO, parameters, seen, told } from "./base.mjs";

const header = (error, name) => error.headers?.get?.(name) ?? undefined;
const sdkTold = (error) => told(error.status, error.message, header(error, "retry-after"));

export class OpenAIChat {
  static title = "node openai chat";
  static endpoint = "chat";
  static errors = [OpenAI.APIError];

  constructor(url, key) {
    this.client = new OpenAI({ baseURL: url, apiKey: key, maxRetries: 0 });
  }

  question({ tools = [], after, results = [] }) {
    const messages = [{ role: "user", content: HELLO }];
    if (after) {
      messages.push(after.turn);
      after.ids.forEach((id, index) => messages.push({ role: "tool", tool_call_id: id, content: results[index] }));
    }
    const offered = tools.map((name) => ({ type: "function", function: { name, parameters: parameters(name) } }));
    return { messages, ...(offered.length && { tools: offered }) };
  }

  recorded = ({ request }) => request;

  async send(model, body, streamed) {
    let completion, plain;
    if (streamed) {
      const options = { stream_options: { include_usage: true }, ...body, model, stream: true };
      plain = [];
      for await (const chunk of await this.client.chat.completions.create(options)) plain.push(chunk);
      completion = putTogether(plain);
    } else {
      plain = completion = await this.client.chat.completions.create({ ...body, model });
    }
    const [{ message, finish_reason: finish }] = completion.choices;
    const calls = (message.tool_calls ?? []).filter((call) => call.type === "function");
    const usage = completion.usage && used(completion.usage);
    const words = { tool_calls: "tools", function_call: "tools", content_filter: "filter" };
    return {
      plain,
      turn: { role: "assistant", content: message.content, ...(calls.length && { tool_calls: calls }) },
      ids: calls.map((call) => call.id),
      seen: seen(
        message.refusal || textOf(message.content),
        calls.map((call) => ({ name: call.function.name, args: JSON.parse(call.function.arguments || "{}") })),
        message.refusal ? "refused" : (words[finish] ?? finish),
        usage,
      ),
    };
  }

  told = sdkTold;
}

// Some vendors do not count reasoning as completion, or sound as prompt: then only the sum has it.
function used({ prompt_tokens: read, completion_tokens: said, total_tokens: sum = 0, prompt_audio_seconds: heard }) {
  const apart = Math.max(0, sum - read - said);
  return heard === undefined ? [read, said + apart] : [read + apart, said];
}

// Some vendors answer in parts.
function textOf(content) {
  if (!Array.isArray(content)) return content ?? "";
  return content.filter((part) => part.type === "text").map((part) => part.text).join("");
}

// The first choice of a stream, as if it had come whole.
function putTogether(chunks) {
  const message = { content: null, tool_calls: [] };
  let finish, usage;
  for (const chunk of chunks) {
    usage = chunk.usage ?? usage;
    for (const choice of chunk.choices.filter((choice) => choice.index === 0)) {
      finish = choice.finish_reason ?? finish;
      if (choice.delta.content) message.content = (message.content ?? "") + textOf(choice.delta.content);
      for (const piece of choice.delta.tool_calls ?? []) {
        const call = (message.tool_calls[piece.index ?? 0] ??= { id: piece.id, type: "function", function: { name: "", arguments: "" } });
        call.function.name += piece.function?.name ?? "";
        call.function.arguments += piece.function?.arguments ?? "";
      }
    }
  }
  message.tool_calls = message.tool_calls.filter(Boolean);
  return { choices: [{ message, finish_reason: finish }], usage };
}

export class OpenAIResponses extends OpenAIChat {
  static title = "node openai responses";
  static endpoint = "responses";

  question({ tools = [], after, results = [] }) {
    const input = [{ role: "user", content: HELLO }];
    if (after) {
      input.push(...after.turn);
      after.ids.forEach((id, index) => input.push({ type: "function_call_output", call_id: id, output: results[index] }));
    }
    const offered = tools.map((name) => ({ type: "function", name, parameters: parameters(name), strict: false }));
    return { input, store: false, ...(offered.length && { tools: offered }) };
  }

  async send(model, body, streamed) {
    let response, plain;
    if (streamed) {
      plain = [];
      for await (const event of await this.client.responses.create({ ...body, model, stream: true })) plain.push(event);
      const failed = plain.find((event) => event.type === "error" || event.type === "response.failed");
      // The SDK hands events of failure to its user like any other.
      if (failed) throw new OpenAI.APIError(undefined, failed.response?.error ?? failed, undefined, undefined);
      response = plain.at(-1).response;
    } else {
      plain = response = await this.client.responses.create({ ...body, model });
    }
    const calls = response.output.filter((item) => item.type === "function_call");
    const texts = response.output.filter((item) => item.type === "message").flatMap((item) => item.content);
    const incomplete = { max_output_tokens: "length", content_filter: "filter" };
    const ended = response.incomplete_details?.reason;
    return {
      plain,
      turn: response.output,
      ids: calls.map((call) => call.call_id),
      seen: seen(
        texts.filter((part) => part.type === "output_text").map((part) => part.text).join(""),
        calls.map((call) => ({ name: call.name, args: JSON.parse(call.arguments) })),
        response.status === "completed" ? "stop" : (incomplete[ended] ?? ended ?? response.status),
        response.usage && [response.usage.input_tokens, response.usage.output_tokens],
      ),
    };
  }
}

export class AnthropicMessages {
  static title = "node anthropic";
  static endpoint = "messages";
  static errors = [Anthropic.APIError];

  constructor(url, key) {
    this.client = new Anthropic({ baseURL: url, apiKey: key, maxRetries: 0 });
  }

  question({ tools = [], after, results = [] }) {
    const messages = [{ role: "user", content: HELLO }];
    if (after) {
      messages.push({ role: "assistant", content: after.turn });
      const content = after.ids.map((id, index) => ({ type: "tool_result", tool_use_id: id, content: results[index] }));
      messages.push({ role: "user", content });
    }
    const offered = tools.map((name) => ({ name, input_schema: parameters(name) }));
    return { messages, max_tokens: 1000, ...(offered.length && { tools: offered }) };
  }

  recorded = ({ request }) => request;

  async send(model, body, streamed) {
    let message, plain;
    // Told a time, the SDK does not insist on a stream for long answers.
    const options = { timeout: 60_000 };
    let iterations;
    if (streamed) {
      const stream = this.client.messages.stream({ ...body, model, stream: undefined }, options);
      plain = [];
      for await (const event of stream) {
        plain.push(event);
        if (event.type === "message_delta") iterations = event.usage.iterations;
      }
      message = await stream.finalMessage();
    } else {
      plain = message = await this.client.messages.create({ ...body, model, stream: false }, options);
      iterations = message.usage.iterations;
    }
    const calls = message.content.filter((block) => block.type === "tool_use");
    const words = {
      end_turn: "stop", stop_sequence: "stop", pause_turn: "stop", max_tokens: "length", tool_use: "tools", refusal: "filter",
    };
    // Where there are iterations, the figures beside them are those of the last one alone.
    const parts = iterations?.length ? iterations : [message.usage];
    const sum = (...names) => parts.flatMap((part) => names.map((name) => part[name] ?? 0)).reduce((a, b) => a + b, 0);
    return {
      plain,
      turn: message.content,
      ids: calls.map((call) => call.id),
      seen: seen(
        message.content.filter((block) => block.type === "text").map((block) => block.text).join(""),
        calls.map((call) => ({ name: call.name, args: call.input })),
        words[message.stop_reason] ?? message.stop_reason,
        [sum("input_tokens", "cache_creation_input_tokens", "cache_read_input_tokens"), sum("output_tokens")],
      ),
    };
  }

  told = sdkTold;
}

const FILTERED = ["SAFETY", "RECITATION", "BLOCKLIST", "PROHIBITED_CONTENT", "SPII", "IMAGE_SAFETY"];

export class Gemini {
  static title = "node google genai";
  static endpoint = "generateContent";
  // Trouble in the middle of a stream is a plain error of this SDK.
  static errors = [ApiError, Error];

  constructor(url, key) {
    this.client = new GoogleGenAI({ apiKey: key, httpOptions: { baseUrl: url } });
  }

  question({ tools = [], after, results = [] }) {
    const contents = [{ role: "user", parts: [{ text: HELLO }] }];
    if (after) {
      contents.push(after.turn);
      const parts = after.seen.calls.map(({ name }, index) => ({
        functionResponse: { id: after.ids[index], name, response: { result: results[index] } },
      }));
      contents.push({ role: "user", parts });
    }
    const functionDeclarations = tools.map((name) => ({ name, parametersJsonSchema: parameters(name) }));
    return { contents, ...(tools.length && { config: { tools: [{ functionDeclarations }] } }) };
  }

  recorded({ request }) {
    const { contents, model, generationConfig, ...config } = request;
    return { contents, config: { ...generationConfig, ...config } };
  }

  async send(model, body, streamed) {
    const { models } = this.client;
    const chunks = [];
    if (streamed) {
      for await (const chunk of await models.generateContentStream({ ...body, model })) chunks.push(chunk);
    } else {
      chunks.push(await models.generateContent({ ...body, model }));
    }
    const plain = chunks.map(({ sdkHttpResponse, ...chunk }) => chunk);
    const first = chunks.flatMap((chunk) => (chunk.candidates ?? []).filter((candidate) => !candidate.index));
    const parts = first.flatMap((candidate) => candidate.content?.parts ?? []);
    const blocked = chunks.some((chunk) => !chunk.candidates?.length && chunk.promptFeedback?.blockReason);
    const finish = blocked ? "SAFETY" : first.map((candidate) => candidate.finishReason).filter(Boolean).at(-1);
    const usage = chunks.map((chunk) => chunk.usageMetadata).filter(Boolean).at(-1);
    const calls = parts.filter((part) => part.functionCall).map((part) => part.functionCall);
    const words = { STOP: "stop", MAX_TOKENS: "length" };
    return {
      plain,
      turn: { role: "model", parts },
      ids: calls.map((call) => call.id),
      seen: seen(
        parts.filter((part) => part.text && !part.thought).map((part) => part.text).join(""),
        calls.map((call) => ({ name: call.name, args: call.args ?? {} })),
        FILTERED.includes(finish) ? "filter" : (words[finish] ?? finish),
        usage && [
          (usage.promptTokenCount ?? 0) + (usage.toolUsePromptTokenCount ?? 0),
          (usage.candidatesTokenCount ?? 0) + (usage.thoughtsTokenCount ?? 0),
        ],
      ),
    };
  }

  told = (error) => told(error.status, error.message, undefined);
}
