// Virtual keys: who may use what, and how much of it is left.

import { call, get } from "./api.js";
import { code, dialog, facts, h, toast } from "./dom.js";
import { card, cell, field, footer, input, list, number, rows, select, submits } from "./form.js";
import { brief, count, money, when } from "./format.js";

const STRATEGIES = [
  ["weighted", "by weight"],
  ["least_busy", "the least busy"],
  ["latency", "the fastest to answer"],
  ["cost", "the cheapest"],
  ["affinity", "the same for a session"],
];
const PATH = "/api/governance/virtual-keys";
const pathOf = (id) => `${PATH}/${encodeURIComponent(id)}`;

export async function keys(section) {
  const [{ virtual_keys: all, total_count: total }, { providers }] = await Promise.all([
    get(`${PATH}?limit=1000`),
    get("/api/providers"),
  ]);
  const again = () => keys(section);
  const names = providers.map((provider) => provider.name);
  const add = () => edit(null, names, again);
  const none = "No virtual key yet. Each gives an application its own models and limits.";
  section.replaceChildren(
    h("div", { class: "bar" }, [
      h("h1", {}, "Virtual keys"),
      h("button", { type: "button", id: "key-add", class: "primary", onclick: add }, "Add virtual key"),
    ]),
    h("div", { id: "key-list", class: "cards" }, all.map((key) => cardOf(key, names, again))),
    all.length === 0 ? h("p", { class: "empty" }, none) : "",
    total > all.length ? h("p", { class: "empty" }, `${count(total - all.length)} more are not shown here.`) : "",
  );
}

function cardOf(key, names, again) {
  const { id, name, is_active: good, origin, provider_configs: configs } = key;
  const about = {
    kind: "key", id, title: name === id ? id : [name, " ", code(id)], good, state: good ? "active" : "disabled", origin,
    path: pathOf(id), loss: "Whoever uses it is refused from now on.", edit: () => edit(key, names, again), again,
  };
  const guessable = "Its value can be guessed. Fine for trials, not for an open network.";
  return card(about, [
    key.guessable && h("p", { class: "hint" }, guessable),
    facts([
      ["Value", code(key.value)],
      ["Picks", Object.fromEntries(STRATEGIES)[key.strategy] ?? key.strategy],
      ["Providers", configs.length > 0 ? h("ul", { class: "plain" }, configs.map(entryLine)) : "all of them"],
      ["Expires", key.expires_at && when(key.expires_at)],
    ]),
    limits(key),
  ]);
}

function entryLine(entry) {
  const aliases = Object.entries(entry.model_aliases).map(([asked, served]) => `${asked} → ${served}`);
  return h("li", {}, [
    h("strong", {}, entry.provider),
    entry.weight === 0 ? ", only as a fallback" : `, weight ${count(entry.weight)}`,
    entry.allowed_models.length > 0 && [": ", code(entry.allowed_models.join(", "))],
    aliases.map((alias) => h("div", { class: "code" }, alias)),
    limits(entry),
  ]);
}

/** A bar for each limit that there is. */
function limits({ budgets, rate_limit: rate }) {
  const bars = budgets.map((budget) =>
    bar(`per ${budget.reset_duration}`, budget.current_usage, budget.max_limit, money, budget.resets_at));
  for (const unit of ["request", "token"]) {
    const limit = rate?.[`${unit}_max_limit`];
    const window = `${unit}s per ${rate?.[`${unit}_reset_duration`]}`;
    if (limit != null) bars.push(bar(window, rate[`${unit}_current_usage`], limit, brief));
  }
  const inFlight = rate?.max_in_flight;
  if (inFlight != null) bars.push(bar("at the same time", rate.current_in_flight, inFlight, brief));
  return bars.length > 0 && h("div", { class: "limits" }, bars);
}

function bar(what, used, limit, show, resets) {
  const share = limit > 0 ? used / limit : Number(used > 0);
  const label = limit === 0 ? `only what costs nothing, ${what}` : `${show(used)} of ${show(limit)} ${what}`;
  return h("label", { class: share >= 0.9 ? "limit tight" : "limit" }, [
    h("span", {}, label, resets && h("small", {}, " until ", when(resets))),
    h("progress", { max: 1, value: Math.min(share, 1) }),
  ]);
}

const HINTS = {
  id: "How paths and the log name it.",
  name: "To be shown; the id unless given.",
  newValue: "What clients present. Empty: a safe one is made.",
  keptValue: "Empty keeps the one it has.",
  providers: "None: all that are configured. No models: whatever the provider serves. "
    + "Aliases are asked=served, and * is any other name.",
  limits: "A budget of 0 allows only what costs nothing. Empty: no limit.",
};

function edit(key, names, again) {
  const { budget, rate_limit: rate } = key ?? {};
  const text = (id, attributes) => input({ id: `key-${id}`, ...attributes });
  const amount = (id, value, step = 1) => text(id, { type: "number", min: 0, step, value });
  const span = (id, value) => {
    const label = `How long the window of ${id} lasts`;
    return text(`${id}-reset`, { value, placeholder: "30s 5m 1h 1d 1w 1M 1Y", "aria-label": label });
  };
  const f = {
    id: text("id", { required: true, value: key?.id, readonly: key !== null }),
    name: text("name", { value: key?.name === key?.id ? "" : key?.name }),
    value: text("value", { type: "password", autocomplete: "new-password", placeholder: key?.value }),
    strategy: select({ id: "key-strategy" }, STRATEGIES, key?.strategy),
    active: text("active", { type: "checkbox", checked: key?.is_active ?? true }),
    budget: amount("budget", budget?.max_limit, "any"),
    budgetSpan: span("budget", budget?.reset_duration),
    requests: amount("requests", rate?.request_max_limit),
    requestsSpan: span("requests", rate?.request_reset_duration),
    tokens: amount("tokens", rate?.token_max_limit),
    tokensSpan: span("tokens", rate?.token_reset_duration),
    inFlight: amount("in-flight", rate?.max_in_flight),
  };
  const before = key?.provider_configs ?? [];
  const configs = rows("key-entry", "provider_configs", before, (entry) => entryCells(entry, names));
  const form = h("form", { id: "key-form" }, [
    field("Id", "id", f.id, HINTS.id),
    field("Name", "name", f.name, HINTS.name),
    field("Value", "value", f.value, key ? HINTS.keptValue : HINTS.newValue),
    cell("Active", f.active),
    h("fieldset", {}, [
      h("legend", {}, "Providers"),
      configs.box,
      configs.more("Add provider", {}),
      h("small", {}, HINTS.providers),
    ]),
    field("Picks among them", "strategy", f.strategy),
    h("fieldset", { class: "pairs" }, [
      h("legend", {}, "Limits"),
      field("Budget in dollars", "budget.max_limit", f.budget),
      field("per", "budget.reset_duration", f.budgetSpan),
      field("Requests", "rate_limit.request_max_limit", f.requests),
      field("per", "rate_limit.request_reset_duration", f.requestsSpan),
      field("Tokens", "rate_limit.token_max_limit", f.tokens),
      field("per", "rate_limit.token_reset_duration", f.tokensSpan),
      field("At the same time", "rate_limit.max_in_flight", f.inFlight),
      h("small", {}, HINTS.limits),
    ]),
    footer("key", () => box.close()),
  ]);
  const box = dialog("key-dialog", key ? `Edit ${key.id}` : "Add a virtual key", form);
  submits(form, "key", async () => {
    const id = f.id.value.trim();
    const sent = {
      id,
      name: f.name.value.trim() || null,
      ...(f.value.value && { value: f.value.value }),
      strategy: f.strategy.value,
      is_active: f.active.checked,
      provider_configs: configs.read(entryOf),
      budget: unlessEmpty({ max_limit: number(f.budget), reset_duration: f.budgetSpan.value.trim() || null }),
      rate_limit: unlessEmpty({
        request_max_limit: number(f.requests),
        request_reset_duration: f.requestsSpan.value.trim() || null,
        token_max_limit: number(f.tokens),
        token_reset_duration: f.tokensSpan.value.trim() || null,
        max_in_flight: number(f.inFlight),
      }),
    };
    const answer = await (key ? call("PUT", pathOf(id), sent) : call("POST", PATH, sent));
    box.close();
    toast([`Virtual key ${id} is saved.`, ...(answer.warnings ?? [])].join(" "));
    await again();
    if (!key || f.value.value) showOnce(id, answer.virtual_key.value);
  });
}

/** Null, which removes, where nothing is said at all. */
const unlessEmpty = (fields) => (Object.values(fields).every((value) => value === null) ? null : fields);

function entryCells(entry, names) {
  const aliases = Object.entries(entry.model_aliases ?? {}).map((pair) => pair.join("="));
  const known = [...new Set([entry.provider ?? names[0] ?? "", ...names])];
  return [
    cell("Provider", select({ name: "provider" }, known.map((name) => [name, name]), entry.provider)),
    cell("Weight", input({ name: "weight", type: "number", min: 0, step: "any", value: entry.weight ?? 1 })),
    cell("Models", input({ name: "allowed-models", placeholder: "all", value: entry.allowed_models?.join(", ") })),
    cell("Aliases", input({ name: "model-aliases", placeholder: "none", value: aliases.join(", ") })),
  ];
}

/** An entry, with what it had of its own that this form does not show. */
function entryOf(inputs, before) {
  const pairs = list(inputs["model-aliases"].value).map((pair) => pair.split("=").map((part) => part.trim()));
  const provider = inputs.provider.value;
  return {
    ...(before.provider === provider && before),
    provider,
    weight: number(inputs.weight) ?? 1,
    allowed_models: list(inputs["allowed-models"].value),
    model_aliases: Object.fromEntries(pairs.map(([asked, served]) => [asked, served ?? ""])),
  };
}

/** The only moment in which the value can be read. */
function showOnce(id, value) {
  const shown = input({ id: "key-new-value", class: "code", readonly: true, value });
  const copy = async () => {
    shown.select();
    // Browsers give the clipboard to https and localhost only; elsewhere the selected text can be copied by hand.
    await navigator.clipboard?.writeText(value).then(() => toast("Copied."), () => {});
  };
  const box = dialog("key-value-dialog", `The value of ${id}`, [
    h("p", {}, "Copy it now: it is not shown again."),
    h("div", { class: "field" }, h("label", { for: shown.id }, "Value"), shown),
    h("div", { class: "actions" }, [
      h("button", { type: "button", id: "key-value-close", onclick: () => box.close() }, "Done"),
      h("button", { type: "button", id: "key-value-copy", class: "primary", onclick: copy }, "Copy"),
    ]),
  ]);
}
