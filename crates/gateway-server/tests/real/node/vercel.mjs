// Vercel's AI SDK with the providers that it has for each dialect.

import { createAmazonBedrock } from "@ai-sdk/amazon-bedrock";
import { createAnthropic } from "@ai-sdk/anthropic";
import { createCohere } from "@ai-sdk/cohere";
import { createGoogleGenerativeAI } from "@ai-sdk/google";
import { createOpenAI } from "@ai-sdk/openai";
import { createOpenAICompatible } from "@ai-sdk/openai-compatible";
import { APICallError, generateText, jsonSchema, streamText, tool } from "ai";
import { HELLO, parameters, seen, told } from "./base.mjs";

globalThis.AI_SDK_LOG_WARNINGS = false;

const FINISH = { "tool-calls": "tools", "content-filter": "filter" };

class Vercel {
  // What a provider tells in the middle of a stream reaches the user as the provider module read it.
  static errors = [APICallError, Error, Object];
  static vercel = true;

  constructor(url, key) {
    this.model = this.constructor.models(url, key);
  }

  question({ tools = [], after, results = [] }) {
    const messages = [{ role: "user", content: HELLO }];
    if (after) {
      messages.push(...after.turn);
      const content = after.ids.map((id, index) => ({
        type: "tool-result", toolCallId: id, toolName: after.seen.calls[index].name, output: { type: "text", value: results[index] },
      }));
      messages.push({ role: "tool", content });
    }
    const offered = tools.map((name) => [name, tool({ description: `Tells the ${name}`, inputSchema: jsonSchema(parameters(name)) })]);
    return { messages, ...(offered.length && { tools: Object.fromEntries(offered) }) };
  }

  async send(model, body, streamed) {
    const options = { ...body, model: this.model(model), maxRetries: 0, onError() {} };
    let result;
    if (streamed) {
      result = streamText(options);
      for await (const part of result.fullStream) if (part.type === "error") throw part.error;
    } else {
      result = await generateText(options);
    }
    const [text, calls, finish, usage, content] = await Promise.all([
      result.text, result.toolCalls, result.finishReason, result.totalUsage, result.content,
    ]);
    const own = calls.filter((call) => !call.providerExecuted);
    return {
      // Where a dialect has no ids, they are made up.
      plain: { finish, usage, content: content.map((part) => ({ ...part, id: undefined, toolCallId: undefined })) },
      turn: (await result.response).messages,
      ids: own.map((call) => call.toolCallId),
      seen: seen(
        text,
        own.map((call) => ({ name: call.toolName, args: call.input })),
        FINISH[finish] ?? finish,
        usage.inputTokens === undefined ? undefined : [usage.inputTokens, usage.outputTokens],
      ),
    };
  }

  told(error) {
    const said = error.message ?? error.error?.message ?? JSON.stringify(error);
    return told(error.statusCode, said, error.responseHeaders?.["retry-after"]);
  }
}

const vercel = (name, endpoint, models) => class extends Vercel {
  static title = `vercel ${name}`;
  static endpoint = endpoint;
  static models = models;
};

export const VercelChat = vercel("openai chat", "chat", (baseURL, apiKey) => createOpenAI({ baseURL, apiKey }).chat);
export const VercelResponses = vercel("openai", "responses", (baseURL, apiKey) => createOpenAI({ baseURL, apiKey }).responses);
export const VercelCompatible = vercel("openai-compatible", "chat", (baseURL, apiKey) =>
  createOpenAICompatible({ name: "gateway", baseURL, apiKey, includeUsage: true }));
export const VercelAnthropic = vercel("anthropic", "messages", (url, apiKey) => createAnthropic({ baseURL: `${url}/v1`, apiKey }));
export const VercelGoogle = vercel("google", "generateContent", (url, apiKey) => {
    const google = createGoogleGenerativeAI({ baseURL: `${url}/v1beta`, apiKey });
    return (model) => google(`models/${model}`);
  });
export const VercelBedrock = vercel("amazon-bedrock", "converse", (baseURL, apiKey) =>
  createAmazonBedrock({ baseURL, apiKey, region: "us-east-1" }));
export const VercelCohere = class extends vercel("cohere", "v2-chat", (url, apiKey) =>
  createCohere({ baseURL: `${url}/v2`, apiKey })) {
  // An answer without usage is none to it.
  static needsUsage = true;
};
