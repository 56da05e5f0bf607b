import { describe, expect, it } from "vitest";
import type { Provider, ProviderKey } from "../health";
import { bodyOf, draftOf, keyBodyOf, keyDraftOf, NEW_PROVIDER, newKey } from "./draft";

const vllm = {
  name: "vllm-local",
  network_config: { base_url: "http://vllm:8000", max_retries: 2, extra_headers: { "x-team": "core" } },
  custom_provider_config: {
    base_provider_type: "openai",
    allowed_requests: { chat_completion: true, embedding: false },
  },
  keys: [],
} as unknown as Provider;

describe("a provider's form", () => {
  it("sends back what it was given, and nothing else", () => {
    const body = bodyOf(draftOf(vllm), "openai");
    expect(body.network_config).toMatchObject({
      base_url: "http://vllm:8000",
      max_retries: 2,
      extra_headers: { "x-team": "core" },
      default_request_timeout_in_seconds: null,
    });
    expect(body.custom_provider_config).toEqual({
      base_provider_type: "openai",
      is_key_less: false,
      allowed_requests: { chat_completion: true },
    });
    expect(body.proxy_config).toBeNull();
  });

  it("allows everything unless something is picked, and nothing where nothing is", () => {
    expect(bodyOf(NEW_PROVIDER, "openai").custom_provider_config?.allowed_requests).toBeNull();
    const none = { ...NEW_PROVIDER, allowed: [] };
    expect(bodyOf(none, "openai").custom_provider_config?.allowed_requests).toEqual({});
    expect(bodyOf(NEW_PROVIDER, undefined)).not.toHaveProperty("custom_provider_config");
  });
});

describe("a key's form", () => {
  it("takes apart and puts together what belongs to a cloud", () => {
    const key = {
      id: "k",
      name: "k",
      value: "****",
      models: [],
      azure_key_config: { endpoint: "https://a.openai.azure.com", deployments: { "gpt-4o": "prod" }, scopes: ["s"] },
    } as unknown as ProviderKey;
    const draft = keyDraftOf(key);
    expect(draft.extras["azure_key_config.deployments"]).toEqual([["gpt-4o", "prod"]]);
    expect(keyBodyOf(draft, false)).toMatchObject({
      azure_key_config: { endpoint: "https://a.openai.azure.com", deployments: { "gpt-4o": "prod" }, scopes: ["s"] },
    });
  });

  it("takes away what was emptied, and leaves out what a new one never had", () => {
    const draft = { ...newKey("k"), extras: { "bedrock_key_config.region": " " } };
    expect(keyBodyOf(draft, false)).toMatchObject({ bedrock_key_config: { region: null } });
    expect(keyBodyOf(draft, true)).not.toHaveProperty("bedrock_key_config");
  });
});
