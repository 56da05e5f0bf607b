// What to do about a failed call, by the code of its error.

import { longDuration } from "../../lib/format";
import type { Failure } from "./answer";

export interface Advice {
  says: string;
  /** Where it can be done. */
  to?: "/keys" | "/providers" | "/models" | "/login";
  link?: string;
}

export function adviceFor({ code, status, retryAfter }: Failure): Advice {
  const wait = retryAfter ? ` It can help to come back in ${longDuration(retryAfter)}.` : "";
  switch (code) {
    case "virtual_key_blocked":
      return { says: "Enable the key, let it expire later, or choose another one.", to: "/keys", link: "Virtual keys" };
    case "model_blocked":
    case "provider_blocked":
      return {
        says: "Allow the model in the key's provider entries, or choose another model.",
        to: "/keys",
        link: "Virtual keys",
      };
    case "model_not_found":
      return { says: "Choose a model that one of your providers serves.", to: "/models", link: "Models" };
    case "budget_exceeded":
      return { says: `Raise the budget, or wait until it resets.${wait}`, to: "/keys", link: "Virtual keys" };
    case "price_unknown":
      return {
        says: "Give the model a price: a budget is in scope, and it cannot be reckoned.",
        to: "/models",
        link: "Models",
      };
    case "rate_limited":
    case "request_limited":
    case "token_limited":
      return {
        says: `A limit of the key, its team or its customer is used up.${wait}`,
        to: "/keys",
        link: "Virtual keys",
      };
  }
  if (status === 0) return { says: "Try again once it answers." };
  if (status === 401) return { says: "Sign in again.", to: "/login", link: "Sign in" };
  if (status === 403) return { says: "Calling from here is for operators and admins." };
  if (status === 429)
    return { says: `The provider limits the gateway's key.${wait}`, to: "/providers", link: "Providers" };
  if (status >= 500)
    return { says: "Nobody could answer. The log row has every attempt.", to: "/providers", link: "Providers" };
  return { says: "Change the request and send it again." };
}
