// The official OpenAI SDK for Node, unchanged but for its address, against llama.cpp servers behind the gateway.

const assert = require("node:assert/strict");
const OpenAI = require("openai");

const client = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: "vk-unified", maxRetries: 0 });
const messages = [{ role: "user", content: "Hello!" }];
const parameters = { type: "object", properties: { city: { enum: ["Oslo", "Rome"] } }, required: ["city"] };
const tools = [{ type: "function", function: { name: "weather", description: "The weather in a city", parameters } }];
// The same answer always: left to chance, a model of half a megabyte ends some at once.
const sure = { temperature: 0, seed: 7 };
const chat = (more) =>
  client.chat.completions.create({ model: "vllm-local/tiny", messages, max_tokens: 24, ...sure, ...more });

const checks = {
  async "node: a chat turn is answered"() {
    const answer = await chat();
    assert.equal(answer.choices[0].message.role, "assistant");
    assert.ok(answer.choices[0].message.content);
    assert.ok(answer.usage.completion_tokens > 0);
  },

  async "node: a stream comes in pieces"() {
    const chunks = [];
    for await (const chunk of await chat({ stream: true })) chunks.push(chunk);
    assert.ok(chunks.length > 3);
    assert.ok(chunks.map((chunk) => chunk.choices[0].delta.content ?? "").join("").length > 0);
    assert.ok(["stop", "length"].includes(chunks.at(-1).choices[0].finish_reason));
  },

  async "node: the helper for streams puts a tool call together"() {
    const stream = client.chat.completions.stream({
      model: "caller/tools", messages, tools, max_tokens: 400, ...sure,
    });
    const message = await stream.finalMessage();
    assert.equal(message.tool_calls[0].function.name, "weather");
    assert.ok(["Oslo", "Rome"].includes(JSON.parse(message.tool_calls[0].function.arguments).city));
  },

  async "node: texts become vectors"() {
    const answer = await client.embeddings.create({ model: "embedder/tiny", input: ["one", "two"] });
    assert.deepEqual(answer.data.map((item) => item.embedding.length), [64, 64]);
  },

  async "node: models are listed"() {
    const ids = [];
    for await (const model of client.models.list()) ids.push(model.id);
    assert.deepEqual(ids.sort(), ["caller/tools", "embedder/tiny", "vllm-local/tiny"]);
  },

  async "node: a stream can be aborted"() {
    const stream = await chat({ stream: true, max_tokens: 400 });
    for await (const _ of stream) break;
    assert.ok(stream.controller.signal.aborted);
  },

  async "node: errors are the ones that the SDK knows"() {
    const mistyped = new OpenAI({ baseURL: process.env.BASE_URL, apiKey: "mistyped", maxRetries: 0 });
    await assert.rejects(mistyped.models.list(), (error) => {
      assert.ok(error instanceof OpenAI.AuthenticationError);
      assert.equal(error.code, "virtual_key_not_found");
      return true;
    });
  },
};

(async () => {
  for (const [name, check] of Object.entries(checks)) {
    try {
      await check();
      console.log(`ok ${name}`);
    } catch (error) {
      process.exitCode = 1;
      console.error(error);
      console.log(`FAILED ${name}: ${String(error.message).replace(/\s+/g, " ").slice(0, 300)}`);
    }
  }
})();
