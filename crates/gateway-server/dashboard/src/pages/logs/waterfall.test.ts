import { describe, expect, it } from "vitest";
import type { LogAttempt } from "./types";
import { ticks, waterfall } from "./waterfall";

function attempt(provider: string, outcome: string, started: number, latency: number, ended = started + latency) {
  return {
    provider,
    key_id: "k",
    model: "m",
    reason: "first",
    outcome,
    status_code: outcome === "success" ? 200 : 500,
    message: null,
    started,
    latency,
    head: null,
    ended,
  } satisfies LogAttempt;
}

describe("waterfall", () => {
  it("puts a failover on one scale, with what the gateway did itself between", () => {
    const row = {
      attempts: [attempt("vllm", "failed", 10, 90), attempt("openai", "success", 120, 280, 1000)],
      latency: 1000,
      time_to_first_token: 400,
      stream: true,
    };
    const drawn = waterfall(row);
    expect(drawn.whole).toBe(1000);
    expect(drawn.bars[0]?.pieces).toEqual([
      { kind: "waiting", from: 0.01, width: expect.closeTo(0.09), milliseconds: 90 },
    ]);
    expect(drawn.bars[1]?.pieces.map(({ kind, from, milliseconds }) => [kind, from, milliseconds])).toEqual([
      ["waiting", 0.12, 280],
      ["receiving", 0.4, 600],
    ]);
    expect(drawn.own.map(({ milliseconds }) => milliseconds)).toEqual([10, 20]);
    expect(drawn.firstContent).toBe(0.4);
    expect(drawn.bars.map(({ tone, words }) => [tone, words])).toEqual([
      ["bad", "Failed (500)"],
      ["ok", "Answered"],
    ]);
  });

  it("draws nothing for an attempt that was passed over, and does not count it", () => {
    const row = {
      attempts: [attempt("a", "skipped", 1, 0), attempt("b", "success", 2, 3)],
      latency: 6,
      time_to_first_token: 5,
      stream: false,
    };
    const drawn = waterfall(row);
    expect(drawn.bars.map(({ number, pieces }) => [number, pieces.length])).toEqual([
      [undefined, 0],
      [1, 1],
    ]);
    expect(drawn.own.map(({ milliseconds }) => milliseconds)).toEqual([2, 1]);
    expect(drawn.firstContent, "a whole answer has no first piece").toBeUndefined();
  });

  it("begins to receive with the head of the answer", () => {
    const whole = { ...attempt("a", "success", 0, 100), head: 40 };
    const drawn = waterfall({ attempts: [whole], latency: 100, time_to_first_token: 100, stream: false });
    expect(drawn.bars[0]?.pieces.map(({ kind, milliseconds }) => [kind, milliseconds])).toEqual([
      ["waiting", 40],
      ["receiving", 60],
    ]);
  });

  it("is not broken by a request that nobody was asked for, or that took no time", () => {
    const drawn = waterfall({ attempts: [], latency: 0, time_to_first_token: null, stream: false });
    expect(drawn.bars).toEqual([]);
    expect(drawn.own).toHaveLength(1);
    expect(drawn.ticks.every(({ at }) => at >= 0 && at <= 1)).toBe(true);
  });

  it("has round ticks", () => {
    expect(ticks(1000)).toEqual([0, 200, 400, 600, 800, 1000]);
    expect(ticks(7.3)).toEqual([0, 2, 4, 6]);
    expect(ticks(0.9)).toEqual([0, 0.2, 0.4, 0.6, 0.8]);
  });
});
