// Providers: what is configured, how it stands, and the form to change it.

import { call, get } from "./api.js";
import { code, dialog, facts, h, toast, trouble } from "./dom.js";
import { card, cell, field, footer, input, number, rows, submits } from "./form.js";
import { count, when, words } from "./format.js";

const CLOUDS = ["openai", "anthropic", "cerebras", "deepseek", "fireworks", "groq", "huggingface", "mistral", "nebius",
  "openrouter", "parasail", "perplexity", "together", "xai"];
const SELF_HOSTED = ["vllm", "ollama", "llamacpp", "lmstudio", "sglang", "tgi"];
const REQUESTS = ["chat_completion", "chat_completion_stream", "text_completion", "text_completion_stream",
  "embedding"];
const ORIGINS = { api: "the API or this page", environment: "a variable in the environment" };
const pathOf = (name) => `/api/providers/${encodeURIComponent(name)}`;

export async function providers(section) {
  const { providers: all } = await get("/api/providers");
  const again = () => providers(section);
  const add = () => edit(null, again);
  const none = "No provider yet. Add one, and its models can be called at once.";
  section.replaceChildren(
    h("div", { class: "bar" }, [
      h("h1", {}, "Providers"),
      h("button", { type: "button", id: "provider-add", class: "primary", onclick: add }, "Add provider"),
    ]),
    h("div", { id: "provider-list", class: "cards" }, all.map((provider) => cardOf(provider, again))),
    all.length === 0 ? h("p", { class: "empty" }, none) : "",
  );
}

function cardOf(provider, again) {
  const { name, origin, discovery, network_config: network, custom_provider_config: custom } = provider;
  const good = provider.provider_status === "active";
  const about = {
    kind: "provider", id: name, title: name, good, state: good ? "active" : "not usable", origin, path: pathOf(name),
    loss: "Its keys go with it, and calls for it fail from now on.", edit: () => edit(provider, again), again,
  };
  return card(about, [
    provider.status && h("p", { class: "trouble" }, provider.status),
    facts([
      ["Speaks", custom?.base_provider_type ?? name],
      ["Address", code(network.base_url)],
      ["From", ORIGINS[origin] ?? `the configuration ${origin}`],
      ["Models", models(name, discovery)],
      ["Keys", provider.keys.length > 0 ? h("ul", { class: "plain" }, provider.keys.map(keyLine)) : "none"],
    ]),
  ]);
}

function keyLine({ name, value, status, weight }) {
  const standing = h("span", { class: status === "ready" ? "good" : "bad" }, status);
  const share = weight !== 1 && `, weight ${count(weight)}`;
  return h("li", {}, h("strong", {}, name), " ", code(value), " ", standing, share);
}

/** How many there are; which, when somebody opens it. */
function models(name, discovery) {
  if (discovery.status === "failed") return h("span", { class: "bad" }, `not listed: ${discovery.error}`);
  if (discovery.status !== "known") return "not listed yet";
  const names = h("p", { class: "code" }, "…");
  const ontoggle = async () => {
    const answer = await get(`/api/models?provider=${encodeURIComponent(name)}&limit=1000`).catch((error) => error);
    names.replaceChildren(answer.models?.map((model) => model.name).join(", ") ?? trouble(answer));
  };
  return h("details", { ontoggle }, h("summary", {}, `${count(discovery.models)} listed, `, when(discovery.at)), names);
}

const HINTS = {
  name: "The name of a known provider, or one of your own. Calls may say name/model.",
  kind: "Any server with OpenAI's API may be “openai”, under a name of its own.",
  url: "With or without /v1. Empty for a known provider's public address. Another host needs the keys' values again.",
  keys: "A value may be env.NAME. Values are never shown again; an empty one keeps what is there.",
  timeout: "Until the head of a response.",
};

function edit(provider, again) {
  const { custom_provider_config: custom, network_config: network = {} } = provider ?? {};
  const name = input({ id: "provider-name", required: true, value: provider?.name, readonly: provider !== null });
  const kind = kinds(custom?.base_provider_type ?? provider?.name ?? "openai");
  const address = { type: "url", placeholder: "http://localhost:8000", value: network.base_url };
  const url = input({ id: "provider-base-url", ...address });
  const seconds = network.default_request_timeout_in_seconds;
  const timeout = input({ id: "provider-timeout", type: "number", min: 1, placeholder: 300, value: seconds });
  const keys = rows("provider-key", "keys", provider?.keys ?? [{}], keyCells);
  const allowed = allowedRequests(custom?.allowed_requests);
  const form = h("form", { id: "provider-form" }, [
    field("Name", "provider", name, HINTS.name),
    field("What it speaks", "custom_provider_config.base_provider_type", kind, HINTS.kind),
    field("Base URL", "network_config.base_url", url, HINTS.url),
    h("fieldset", {}, h("legend", {}, "Keys"), keys.box, keys.more("Add key", {}), h("small", {}, HINTS.keys)),
    field("Timeout in seconds", "network_config.default_request_timeout_in_seconds", timeout, HINTS.timeout),
    allowed.fieldset,
    footer("provider", () => box.close()),
  ]);
  const isCustom = () => name.value.trim() !== kind.value;
  const adapt = () => (allowed.fieldset.hidden = !isCustom());
  kind.addEventListener("change", adapt);
  name.addEventListener("input", () => {
    if ([...CLOUDS, ...SELF_HOSTED].includes(name.value)) kind.value = name.value;
    adapt();
  });
  adapt();
  const box = dialog("provider-dialog", provider ? `Edit ${provider.name}` : "Add a provider", form);
  submits(form, "provider", async () => {
    const sent = {
      provider: name.value.trim(),
      network_config: { default_request_timeout_in_seconds: number(timeout) },
      keys: keys.read((inputs, key) => keyOf(inputs, key, name.value.trim())),
    };
    // The shown address of a known provider may be its public one, which is not a setting: only a change is sent.
    if (url.value.trim() !== (network.base_url ?? "")) sent.network_config.base_url = url.value.trim() || null;
    if (isCustom()) {
      sent.custom_provider_config = {
        base_provider_type: kind.value,
        is_key_less: sent.keys.length === 0 || custom?.is_key_less === true,
        allowed_requests: allowed.read(),
      };
    }
    const saving = provider ? call("PUT", pathOf(provider.name), sent) : call("POST", "/api/providers", sent);
    const { warnings = [] } = await saving;
    box.close();
    toast([`Provider ${sent.provider} is saved.`, ...warnings].join(" "));
    await again();
  });
}

function kinds(chosen) {
  const group = (label, names) =>
    h("optgroup", { label }, names.map((name) => h("option", { selected: name === chosen }, name)));
  const own = CLOUDS.includes(chosen) ? SELF_HOSTED : [...new Set([...SELF_HOSTED, chosen])];
  return h("select", { id: "provider-kind" }, group("Clouds", CLOUDS), group("Self-hosted", own));
}

const keyCells = (key) => [
  cell("Name", input({ name: "name", value: key.name })),
  cell("Value", input({ name: "value", type: "password", autocomplete: "new-password", placeholder: key.value })),
  cell("Weight", input({ name: "weight", type: "number", min: 0, step: "any", value: key.weight ?? 1 })),
  cell("In use", input({ name: "enabled", type: "checkbox", checked: key.enabled ?? true })),
];

function keyOf({ name, value, weight, enabled }, before, provider) {
  if (!name.value.trim() && !value.value) return null;
  return {
    ...(before.id && { id: before.id, models: before.models }),
    name: name.value.trim() || `${provider}-key-1`,
    ...(value.value && { value: value.value }),
    weight: number(weight) ?? 1,
    enabled: enabled.checked,
  };
}

/** What clients may ask of a provider: everything, or only what is ticked. Requests that stand not here stay. */
function allowedRequests(before) {
  const id = (name) => `provider-allow-${name.replaceAll("_", "-")}`;
  const tick = (name, checked) => input({ type: "checkbox", id: id(name), checked });
  const all = tick("all", before == null);
  const some = REQUESTS.map((name) => [name, tick(name, before?.[name] ?? before == null)]);
  const list = h("div", { hidden: all.checked }, some.map(([name, box]) => cell(words(name), box)));
  all.addEventListener("change", () => (list.hidden = all.checked));
  const fieldset = h("fieldset", {}, h("legend", {}, "Clients may ask for"), cell("everything", all), list);
  const ticked = () => Object.fromEntries(some.map(([name, { checked }]) => [name, checked]));
  return { fieldset, read: () => (all.checked ? null : { ...before, ...ticked() }) };
}
