import { describe, expect, it } from "vitest";
import { messageOf, problemOf } from "./problem";

function answer(status: number, body: string, headers: Record<string, string> = {}) {
  return problemOf(new Response(body, { status, headers }));
}

describe("an answer that is an error", () => {
  it("is told in the words of the gateway", async () => {
    const problem = await answer(429, '{"status_code":429,"error":{"message":"wait"}}', { "retry-after": "7" });
    expect([problem.status, problem.message, problem.retryAfter, problem.passing]).toEqual([429, "wait", 7, false]);
  });

  it("of something in between is told with its status", async () => {
    const problem = await answer(502, "<h1>Bad gateway</h1>");
    expect(problem.message).toContain("502");
    expect(problem.message).toContain("Bad gateway");
    expect(problem.passing).toBe(true);
  });
});

describe("a message", () => {
  it("is a sentence, and leaves names as they are", () => {
    expect(messageOf(new Error("there is no such user"))).toBe("There is no such user");
    expect(messageOf(new Error("base_url must begin with http"))).toBe("base_url must begin with http");
    expect(messageOf(new Error("`name` is missing"))).toBe("`name` is missing");
  });
});
