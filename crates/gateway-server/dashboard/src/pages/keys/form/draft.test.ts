import { describe, expect, it } from "vitest";
import { changeOf, choiceOf, NEW_KEY, newEntry, newPair } from "./draft";

describe("a key while it is edited", () => {
  it("sends null for what is empty, so that it is taken away", () => {
    const change = changeOf({ ...NEW_KEY, name: " app " });
    expect(change).toMatchObject({
      name: "app",
      description: null,
      team_id: null,
      expires_at: null,
      rate_limit: null,
      on_disconnect: null,
      alerts: null,
      strategy: null,
    });
    expect(change.provider_configs).toEqual([]);
  });

  it("sends entries whole, and no alias of an empty row", () => {
    const alias = { ...newPair(), name: "*", value: "gpt-4o-mini" };
    const entry = { ...newEntry("openai"), models: ["gpt-*"], weight: undefined, aliases: [alias, newPair()] };
    const [sent] = changeOf({ ...NEW_KEY, entries: [entry] }).provider_configs ?? [];
    expect(sent).toMatchObject({
      provider: "openai",
      allowed_models: ["gpt-*"],
      model_aliases: { "*": "gpt-4o-mini" },
    });
    expect(sent?.weight).toBe(1);
  });

  it("says what happens when a client leaves in the API's words", () => {
    expect(changeOf({ ...NEW_KEY, onDisconnect: "cancel" }).on_disconnect).toBe("cancel");
    expect(changeOf({ ...NEW_KEY, onDisconnect: "finish", mostTokens: 50 }).on_disconnect).toEqual({
      finish: { most_tokens: 50 },
    });
  });

  it("sends an id and a value only where they are chosen", () => {
    expect(choiceOf(NEW_KEY)).toEqual({});
    expect(choiceOf({ ...NEW_KEY, id: "vk-app", value: "secret" })).toEqual({ id: "vk-app", value: "secret" });
  });
});
