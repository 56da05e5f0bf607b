import { describe, expect, it } from "vitest";
import { eventReader } from "../../api/sse";
import { type Answer, WAITING, withChunk } from "./answer";
import { chunkOf } from "./complete";
import { conversation, request, type Said, type Turn, toolsOf } from "./conversation";
import { snippets } from "./snippets";

const said = (text: string, ...images: string[]): Said => ({ text, images });
const answered = (text: string): Answer => ({ ...WAITING, state: "done", text });

const STREAM = [
  { choices: [{ index: 0, delta: { role: "assistant", content: "" } }] },
  { choices: [{ index: 0, delta: { reasoning_content: "Let me see. " } }] },
  { choices: [{ index: 0, delta: { content: "Grüße 🦀" } }] },
  { choices: [{ index: 1, delta: { content: "another choice" } }] },
  {
    choices: [
      { index: 0, delta: { tool_calls: [{ index: 0, id: "c1", function: { name: "look", arguments: '{"q":' } }] } },
    ],
  },
  { choices: [{ index: 0, delta: { tool_calls: [{ index: 0, function: { arguments: '"x"}' } }] } }] },
  { choices: [{ index: 0, delta: {}, finish_reason: "tool_calls" }] },
  { choices: [], usage: { prompt_tokens: 3, completion_tokens: 5, total_tokens: 8 } },
];
const WIRE = `${STREAM.map((chunk) => `data: ${JSON.stringify(chunk)}\n\n`).join("")}: a comment\n\ndata: [DONE]\n\n`;

function folded(pieces: string[]): Answer {
  const read = eventReader();
  let answer = WAITING;
  for (const piece of pieces) {
    for (const { data } of read(piece)) {
      const chunk = chunkOf(data);
      if (chunk) answer = withChunk(answer, chunk);
    }
  }
  return answer;
}

describe("a streamed answer", () => {
  it("is the same however it is cut", () => {
    const whole = folded([WIRE]);
    expect(whole).toMatchObject({
      text: "Grüße 🦀",
      reasoning: "Let me see. ",
      tools: [{ id: "c1", name: "look", arguments: '{"q":"x"}' }],
      finish: "tool_calls",
      usage: { total_tokens: 8 },
    });
    for (let size = 1; size < 40; size += 1) {
      const pieces = WIRE.match(new RegExp(`[\\s\\S]{1,${size}}`, "g")) ?? [];
      expect(folded(pieces), `in pieces of ${size}`).toEqual(whole);
    }
  });

  it("says what broke it, and keeps what had come", () => {
    const broken = withChunk(answered("half"), { error: { message: "overloaded", code: "upstream_failed" } });
    expect(broken).toMatchObject({
      state: "failed",
      text: "half",
      failure: { code: "upstream_failed", message: "overloaded" },
    });
  });

  it("passes over what is no JSON", () => {
    for (const data of ["", "{", "null", "1", "[DONE]"]) expect(chunkOf(data)).toBeUndefined();
  });
});

describe("a conversation", () => {
  const turn = (id: number, ...texts: string[]): Turn => ({ id, said: said(`q${id}`), answers: texts.map(answered) });

  it("is told to each side with its own answers", () => {
    const turns = [turn(1, "left", "right"), turn(2, "", "only right")];
    const asked = (side: number) => request({ model: "a", model2: "b", system: "Be brief." }, side, turns, said("now"));
    expect(asked(0)).toMatchObject({
      model: "a",
      stream: true,
      messages: [
        { role: "system", content: "Be brief." },
        { role: "user", content: "q1" },
        { role: "assistant", content: "left" },
        { role: "user", content: "now" },
      ],
    });
    expect(asked(1)).toMatchObject({ model: "b" });
    expect((asked(1).messages as object[]).length).toBe(6);
  });

  it("goes on from where it is said again", () => {
    const turns = [turn(1, "a"), turn(2, "b"), turn(3, "c")];
    expect(conversation(turns, { do: "cut", id: 2 }).map(({ id }) => id)).toEqual([1]);
  });

  it("sends images beside the text, and parameters only where they are set", () => {
    const body = request(
      { model: "m", unstreamed: true, temperature: 0, max: 5 },
      0,
      [],
      said("look", "data:image/png;base64,x"),
    );
    expect(body).toEqual({
      model: "m",
      temperature: 0,
      max_tokens: 5,
      messages: [
        {
          role: "user",
          content: [
            { type: "text", text: "look" },
            { type: "image_url", image_url: { url: "data:image/png;base64,x" } },
          ],
        },
      ],
    });
  });

  it("says what is wrong with tools", () => {
    expect(toolsOf(" ")).toEqual([]);
    expect(toolsOf('[{"type":"function"}]')).toEqual([{ type: "function" }]);
    expect(toolsOf("{}")).toContain("Write a list");
    expect(typeof toolsOf("[")).toBe("string");
  });
});

it("code to reproduce survives quotes and holds no key", () => {
  const body = request({ model: "m" }, 0, [], said(`it's "quoted" and """more"""`));
  for (const { code } of snippets(body, "http://g")) {
    expect(code).toContain("GATEWAY_KEY");
    expect(code).toContain("http://g/v1");
  }
  const [curl, python] = snippets(body, "http://g");
  expect(curl?.code).toContain("it'\\''s");
  expect(python?.code.match(/"""/g)?.length).toBe(2);
});
