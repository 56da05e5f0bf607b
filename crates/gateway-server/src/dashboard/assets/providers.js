// Providers: what is configured, how it stands, and the form to change it.

import { call, get } from "./api.js";
import { confirmed, dialog, h, toast, trouble } from "./dom.js";
import { cell, field, footer, input, number, rows, submits } from "./form.js";
import { count, when, words } from "./format.js";

const CLOUDS = ["openai", "anthropic", "cerebras", "deepseek", "fireworks", "groq", "huggingface", "mistral", "nebius",
  "openrouter", "parasail", "perplexity", "together", "xai"];
const SELF_HOSTED = ["vllm", "ollama", "llamacpp", "lmstudio", "sglang", "tgi"];
const REQUESTS = ["chat_completion", "chat_completion_stream", "text_completion", "text_completion_stream", "embedding"];
const ORIGINS = { api: "the API or this page", environment: "a variable in the environment" };

export async function providers(section) {
  const { providers: all } = await get("/api/providers");
  const again = () => providers(section);
  section.replaceChildren(
    h("div", { class: "bar" }, [
      h("h1", {}, "Providers"),
      h("button", { id: "provider-add", class: "primary", onclick: () => edit(null, again) }, "Add provider"),
    ]),
    h("div", { id: "provider-list", class: "cards" }, all.map((provider) => card(provider, again))),
    all.length === 0 ? h("p", { class: "empty" }, "No provider yet. Add one, and its models can be called at once.") : "",
  );
}

function card(provider, again) {
  const { name, origin, discovery, network_config: network } = provider;
  const ofFile = origin.startsWith("file ");
  const active = provider.provider_status === "active";
  return h("article", { class: "card", "data-provider": name }, [
    h("div", { class: "bar" }, [
      h("h2", {}, name),
      h("span", { class: `badge ${active ? "good" : "bad"}` }, active ? "active" : "not usable"),
    ]),
    provider.status && h("p", { class: "trouble" }, provider.status),
    h("dl", {}, [
      h("dt", {}, "Speaks"), h("dd", {}, provider.custom_provider_config?.base_provider_type ?? name),
      h("dt", {}, "Address"), h("dd", { class: "code" }, network.base_url),
      h("dt", {}, "From"), h("dd", {}, ORIGINS[origin] ?? `the configuration ${origin}`),
      h("dt", {}, "Models"), h("dd", {}, models(name, discovery)),
      h("dt", {}, "Keys"), h("dd", {}, keys(provider)),
    ]),
    h("div", { class: "actions" }, [
      ofFile && h("small", {}, "To be changed in its file."),
      h("button", { class: "edit", disabled: ofFile, "aria-label": `Edit ${name}`, onclick: () => edit(provider, again) }, "Edit"),
      h("button", { class: "delete", disabled: ofFile, "aria-label": `Delete ${name}`, onclick: () => remove(name, again) }, "Delete"),
    ]),
  ]);
}

function keys({ keys }) {
  if (keys.length === 0) return "none";
  return h("ul", { class: "plain" }, keys.map((key) => h("li", {}, [
    h("strong", {}, key.name), " ",
    key.value && h("span", { class: "code" }, key.value, " "),
    h("span", { class: key.status === "ready" ? "good" : "bad" }, key.status),
    key.weight !== 1 && `, weight ${count(key.weight)}`,
  ])));
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

async function remove(name, again) {
  const question = `Delete provider ${name}? Its keys go with it, and calls for it fail from now on.`;
  if (!(await confirmed(question, "Delete"))) return;
  await call("DELETE", `/api/providers/${encodeURIComponent(name)}`).then(() => toast(`Provider ${name} is deleted.`), toast);
  await again();
}

function edit(provider, again) {
  const { custom_provider_config: custom, network_config: network = {} } = provider ?? {};
  const name = input({ id: "provider-name", required: true, value: provider?.name, readonly: provider !== null });
  const kind = kinds(custom?.base_provider_type ?? provider?.name ?? "openai");
  const url = input({ id: "provider-base-url", type: "url", value: network.base_url, placeholder: "http://localhost:8000" });
  const timeout = input({ id: "provider-timeout", type: "number", min: 1, placeholder: 300, value: network.default_request_timeout_in_seconds });
  const keys = rows("provider-key", "keys", provider?.keys ?? [{}], keyCells);
  const allowed = allowedRequests(custom?.allowed_requests);
  const form = h("form", { id: "provider-form" }, [
    field("Name", "provider", name, "The name of a known provider, or one of your own. Calls may say name/model."),
    field("What it speaks", "custom_provider_config.base_provider_type", kind, "Any server with OpenAI's API may be “openai”, under a name of its own."),
    field("Base URL", "network_config.base_url", url, "With or without /v1. Empty for a known provider's public address."),
    h("fieldset", {}, [
      h("legend", {}, "Keys"),
      keys.box,
      keys.more("Add key", {}),
      h("small", {}, "A value may be env.NAME. Values are never shown again; an empty one keeps what is there."),
    ]),
    field("Timeout in seconds", "network_config.default_request_timeout_in_seconds", timeout, "Until the head of a response."),
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
      const keyless = sent.keys.length === 0 || custom?.is_key_less === true;
      sent.custom_provider_config = { base_provider_type: kind.value, is_key_less: keyless, allowed_requests: allowed.read() };
    }
    const path = provider ? `/api/providers/${encodeURIComponent(provider.name)}` : "/api/providers";
    const { warnings = [] } = await call(provider ? "PUT" : "POST", path, sent);
    box.close();
    toast([`Provider ${sent.provider} is saved.`, ...warnings].join(" "));
    await again();
  });
}

function kinds(chosen) {
  const group = (label, names) =>
    h("optgroup", { label }, names.map((name) => h("option", { selected: name === chosen }, name)));
  return h("select", { id: "provider-kind" }, group("Clouds", CLOUDS), group("Self-hosted", SELF_HOSTED));
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

/** What clients may ask of a provider: everything, or only what is ticked. Requests that are not offered here stay. */
function allowedRequests(before) {
  const box = (name, checked) => input({ type: "checkbox", id: `provider-allow-${name.replaceAll("_", "-")}`, checked });
  const all = box("all", before == null);
  const some = REQUESTS.map((name) => [name, box(name, before?.[name] ?? before == null)]);
  const list = h("div", { hidden: all.checked }, some.map(([name, element]) => cell(words(name), element)));
  all.addEventListener("change", () => (list.hidden = all.checked));
  const fieldset = h("fieldset", {}, h("legend", {}, "Clients may ask for"), cell("everything", all), list);
  const read = () => (all.checked ? null : { ...before, ...Object.fromEntries(some.map(([name, { checked }]) => [name, checked])) });
  return { fieldset, read };
}
