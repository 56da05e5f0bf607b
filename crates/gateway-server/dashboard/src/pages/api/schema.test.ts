import { describe, expect, it } from "vitest";
import { type ApiDocument, groups, operationsOf } from "./document";
import { curl, example, fieldsOf, lookupIn, typeText } from "./schema";

const document: ApiDocument = {
  info: { version: "1", title: "test" },
  paths: {
    "/api/teams/{id}": {
      put: {
        operationId: "putTeam",
        summary: "Changes a team",
        tags: ["teams"],
        parameters: [{ name: "id", in: "path", required: true, schema: { type: "string" } }],
        requestBody: { content: { "application/json": { schema: { $ref: "#/components/schemas/Team" } } } },
        responses: { "200": { content: { "application/json": { schema: { $ref: "#/components/schemas/Team" } } } } },
      },
    },
    "/v1/models": { get: { tags: ["openai"], "x-needs": "public" } },
  },
  components: {
    schemas: {
      Team: {
        type: "object",
        required: ["name"],
        properties: {
          name: { type: "string", examples: ["it's us"] },
          parent: { anyOf: [{ $ref: "#/components/schemas/Team" }, { type: "null" }] },
          tags: { type: ["array", "null"], items: { type: "string" } },
        },
      },
    },
  },
};
const lookup = lookupIn(document);
const team = { $ref: "#/components/schemas/Team" };

describe("a schema in words", () => {
  it("names types as a person would", () => {
    expect(typeText({ type: "array", items: team })).toBe("list of Team");
    expect(typeText({ anyOf: [team, { type: "null" }] })).toBe("Team or null");
    expect(typeText({ enum: ["a", "b"] })).toBe('"a" or "b"');
    expect(typeText({ type: "object", additionalProperties: { type: "number" } })).toBe("map of number");
  });

  it("has the fields of what a list holds", () => {
    const names = fieldsOf({ type: "array", items: team }, lookup).map((field) => [field.name, field.required]);
    expect(names).toEqual([
      ["name", true],
      ["parent", false],
      ["tags", false],
    ]);
  });

  it("ends, though a team may hold a team", () => {
    const loop: ApiDocument = {
      ...document,
      components: { schemas: { Team: { type: "object", required: ["team"], properties: { team } } } },
    };
    expect(JSON.stringify(example(team, lookupIn(loop)))).toContain("null");
  });
});

describe("a call for the shell", () => {
  it("has the body and keeps its quotes", () => {
    const [put] = operationsOf(document);
    expect(put && curl(put, "http://localhost:8080", lookup)).toBe(
      [
        "curl -X PUT 'http://localhost:8080/api/teams/ID' \\",
        '  -H "Authorization: Bearer $TOKEN" \\',
        "  -H 'content-type: application/json' \\",
        `  -d '{"name":"it'\\''s us"}'`,
      ].join("\n"),
    );
  });
});

describe("a search", () => {
  it("looks in one half, for all words", () => {
    const all = operationsOf(document);
    expect(groups(all, "management", "put team").map((group) => group.tag)).toEqual(["teams"]);
    expect(groups(all, "management", "put models")).toEqual([]);
    expect(groups(all, "inference", "").map((group) => group.tag)).toEqual(["openai"]);
  });
});
