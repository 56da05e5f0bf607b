import { describe, expect, it } from "vitest";
import { draftOf, limitsOf, NO_LIMITS, newBudget, type WithLimits } from "./draft";

const SHOWN: WithLimits = {
  budgets: [
    {
      id: "team/core/budget",
      max_limit: 100,
      reset_duration: "1M",
      calendar_aligned: true,
      current_usage: 12,
      held: 0,
      last_reset: null,
      resets_at: null,
    },
  ],
  rate_limit: {
    id: "team/core/rate_limit",
    calendar_aligned: false,
    request_max_limit: 60,
    request_reset_duration: "1m",
    request_burst: 10,
    request_current_usage: 3,
    request_last_reset: null,
    request_resets_at: null,
  },
};

describe("limits while they are edited", () => {
  it("sends back what was there, a budget by its id so that it keeps its use", () => {
    const sent = limitsOf(draftOf(SHOWN));
    expect(sent.budgets).toEqual([
      { id: "team/core/budget", max_limit: 100, reset_duration: "1M", calendar_aligned: true },
    ]);
    expect(sent.rate_limit).toMatchObject({ request_max_limit: 60, request_reset_duration: "1m", request_burst: 10 });
  });

  it("takes away what is emptied, with its window", () => {
    const draft = draftOf(SHOWN);
    const sent = limitsOf({ ...draft, requests: { ...draft.requests, most: undefined }, inFlight: 4 });
    expect(sent.rate_limit).toMatchObject({
      request_max_limit: null,
      request_reset_duration: null,
      request_burst: null,
      max_in_flight: 4,
    });
    expect(limitsOf({ ...draft, requests: { ...draft.requests, most: undefined } }).rate_limit).toBeNull();
  });

  it("gives new budgets no id, and each a key of its own", () => {
    const [one, other] = [newBudget(), newBudget()];
    expect(one.key).not.toBe(other.key);
    const sent = limitsOf({ ...NO_LIMITS, budgets: [{ ...one, limit: 5 }] });
    expect(sent.budgets).toEqual([{ max_limit: 5, reset_duration: "1M", calendar_aligned: true }]);
  });
});
