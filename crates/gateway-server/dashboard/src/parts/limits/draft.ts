// Budgets and a rate limit while they are edited, and what is sent of them.

import type { components } from "../../api/client";

type Schemas = components["schemas"];
export type Budget = Schemas["Budget"];
export type RateLimit = Schemas["RateLimit"];
/** Whatever has limits: a key, an entry of it, a team, a customer, a provider, a model. */
export type WithLimits = Pick<Schemas["Team"], "budgets" | "rate_limit">;

export interface BudgetDraft {
  /** For lists in React; not sent. */
  key: string;
  /** The id that it has, where it was there before: by it, it keeps its use. */
  id?: string | undefined;
  limit: number | undefined;
  span: string;
  aligned: boolean;
}

/** So many of something per window, with how many at once. */
export interface RateDraft {
  most: number | undefined;
  span: string;
  burst: number | undefined;
}

export interface LimitsDraft {
  budgets: BudgetDraft[];
  requests: RateDraft;
  tokens: RateDraft;
  inFlight: number | undefined;
  /** Whether the windows of requests and tokens follow the calendar. */
  rateAligned: boolean;
}

let made = 0;

/** A budget to begin with. */
export function newBudget(): BudgetDraft {
  made += 1;
  return { key: `new-${made}`, limit: undefined, span: "1M", aligned: true };
}

export const NO_LIMITS: LimitsDraft = {
  budgets: [],
  requests: { most: undefined, span: "1m", burst: undefined },
  tokens: { most: undefined, span: "1m", burst: undefined },
  inFlight: undefined,
  rateAligned: false,
};

/** What is there, to be edited. */
export function draftOf(limits: WithLimits | undefined): LimitsDraft {
  if (!limits) return NO_LIMITS;
  const rate: Partial<RateLimit> = limits.rate_limit ?? {};
  return {
    budgets: limits.budgets.map((budget) => ({
      key: budget.id,
      id: budget.id,
      limit: budget.max_limit,
      span: budget.reset_duration,
      aligned: budget.calendar_aligned,
    })),
    requests: {
      most: rate.request_max_limit ?? undefined,
      span: rate.request_reset_duration ?? NO_LIMITS.requests.span,
      burst: rate.request_burst ?? undefined,
    },
    tokens: {
      most: rate.token_max_limit ?? undefined,
      span: rate.token_reset_duration ?? NO_LIMITS.tokens.span,
      burst: rate.token_burst ?? undefined,
    },
    inFlight: rate.max_in_flight ?? undefined,
    rateAligned: rate.calendar_aligned ?? false,
  };
}

/** What is sent. A budget without an amount is sent as it is: the gateway says what is missing, beside it. */
export function limitsOf(draft: LimitsDraft) {
  return {
    budgets: draft.budgets.map(({ id, limit, span, aligned }) => ({
      ...(id === undefined ? {} : { id }),
      max_limit: limit as number,
      reset_duration: span,
      calendar_aligned: aligned,
    })),
    rate_limit: rateOf(draft),
  };
}

/** Null where nothing is limited; a field that is null is taken away. */
function rateOf({ requests, tokens, inFlight, rateAligned }: LimitsDraft) {
  if (requests.most === undefined && tokens.most === undefined && inFlight === undefined) return null;
  const field = <T>(rate: RateDraft, value: T | undefined) => (rate.most === undefined ? null : (value ?? null));
  return {
    request_max_limit: field(requests, requests.most),
    request_reset_duration: field(requests, requests.span),
    request_burst: field(requests, requests.burst),
    token_max_limit: field(tokens, tokens.most),
    token_reset_duration: field(tokens, tokens.span),
    token_burst: field(tokens, tokens.burst),
    max_in_flight: inFlight ?? null,
    calendar_aligned: rateAligned && (requests.most !== undefined || tokens.most !== undefined),
  };
}
