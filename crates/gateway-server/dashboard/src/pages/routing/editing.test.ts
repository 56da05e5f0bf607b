import { describe, expect, it } from "vitest";
import { complete, type Fault, marked, mend, type Name, put } from "./editing";

const fault = (position: number, end: number, instead?: string): Fault => ({
  message: "",
  position,
  end,
  line: 1,
  column: position + 1,
  ...(instead && { instead }),
});

const NAMES: Name[] = [
  { name: "model", type: "string", description: "the model" },
  { name: "headers", type: "map<string, string>", description: "headers" },
  { name: "request_type", type: "string", description: "what is asked", values: ["chat_completion", "embedding"] },
];

describe("marks", () => {
  it("counts characters as the gateway does", () => {
    expect(marked("'🦀' == modle", [fault(7, 12)], [])).toEqual([{ text: "'🦀' == " }, { text: "modle", tone: "bad" }]);
  });

  it("shows what is missing at the end", () => {
    expect(marked("a ==", [fault(4, 4)], [])).toEqual([{ text: "a =" }, { text: "=", tone: "bad" }]);
    expect(marked("", [fault(0, 0)], [])).toEqual([]);
  });

  it("never loses a character", () => {
    const text = "a && b";
    const stretches = marked(text, [fault(0, 1), fault(5, 99)], [fault(0, 6)]);
    expect(stretches.map((stretch) => stretch.text).join("")).toBe(text);
  });
});

describe("completion", () => {
  const choices = (text: string, cursor = text.length) =>
    complete(text, cursor, NAMES)?.choices.map(({ text }) => text);

  it("offers names, functions and values where they can stand", () => {
    expect(choices("stream && mo")).toEqual(["model"]);
    expect(choices("he")).toEqual(['headers[""]']);
    expect(choices("model.st")).toEqual(['.startsWith("")']);
    expect(choices('request_type == "')).toEqual(["chat_completion", "embedding"]);
    expect(choices('request_type in ["embedding", "ch')).toEqual(["chat_completion"]);
  });

  it("stays silent where nothing is to be completed", () => {
    for (const text of ["", "model == ", 'model == "mo', "headers.mo", "model"])
      expect(choices(text), text).toBeUndefined();
  });
});

it("puts the cursor where one goes on", () => {
  expect(put("a && he", 5, 7, 'headers[""]')).toEqual({ text: 'a && headers[""]', cursor: 14 });
  expect(put("mo", 0, 2, "model")).toEqual({ text: "model", cursor: 5 });
});

it("mends what is wrong", () => {
  expect(mend("'é' == modle", fault(7, 12, "model"))).toBe("'é' == model");
});
