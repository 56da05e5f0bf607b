// The log: finished requests as they come, by filter and page; a row opens to everything that is known of it.

import { follow, get } from "./api.js";
import { h, pause, toast, trouble } from "./dom.js";
import { cell, field, input, list, select } from "./form.js";
import { brief, count, millis, money, when } from "./format.js";
import { details } from "./request.js";

const PAGE = 50;
const STATUSES = [["", "any"], ["success", "success"], ["error", "error"], ["cancelled", "cancelled"]];
const COLUMNS = [["Time"], ["Status"], ["Provider"], ["Model"], ["Virtual key", "wide"], ["Tokens", "wide"],
  ["Cost", "wide"], ["Latency"], ["Attempts", "wide"]];

export async function log(section, signal) {
  const filters = {
    providers: input({ id: "log-provider", list: "log-providers", placeholder: "any" }),
    models: input({ id: "log-model", list: "log-models", placeholder: "any" }),
    virtual_key_ids: input({ id: "log-virtual-key", list: "log-virtual-keys", placeholder: "any" }),
    status: select({ id: "log-status" }, STATUSES, ""),
  };
  const live = input({ id: "log-live", type: "checkbox", checked: true });
  const state = h("span", { id: "log-state" });
  const table = h("table", { id: "log-rows", "aria-live": "polite", "aria-relevant": "additions" }, [
    h("thead", {}, h("tr", {}, COLUMNS.map(([label, kind]) => h("th", { scope: "col", class: kind }, label)))),
  ]);
  const pages = { offset: 0, total: 0 };
  const range = h("span", { id: "log-range" });
  const newer = h("button", { type: "button", id: "log-newer", onclick: () => turn(-PAGE) }, "Newer");
  const older = h("button", { type: "button", id: "log-older", onclick: () => turn(PAGE) }, "Older");

  const load = async () => {
    const set = Object.entries(filters).map(([name, { value }]) => [name, value.trim()]).filter(([, value]) => value);
    const page = await get(`/api/logs?${new URLSearchParams([["limit", PAGE], ["offset", pages.offset], ...set])}`);
    pages.total = page.pagination.total_count;
    // A row that is there already stays as it is, open or not.
    const here = new Map([...table.tBodies].map((body) => [body.id, body]));
    const none = page.has_logs ? "No request matches." : "No request yet. The first one appears here by itself.";
    const rows = page.logs.map((row) => here.get(idOf(row)) ?? rowOf(row));
    for (const body of here.values()) body.remove();
    table.append(...(rows.length > 0 ? rows : [emptyRow(none)]));
    count_rows();
  };
  const count_rows = () => {
    const shown = table.querySelectorAll(".request").length;
    const [first, last] = [pages.offset + 1, pages.offset + shown];
    range.textContent = shown > 0 ? `${count(first)} to ${count(last)} of ${count(pages.total)}` : "";
    newer.disabled = pages.offset === 0;
    older.disabled = last >= pages.total;
  };
  const turn = (by) => {
    pages.offset = Math.max(0, pages.offset + by);
    load().catch(toast);
  };
  const arrive = (rows) => {
    const fresh = rows.filter((row) => matches(row, filters) && !document.getElementById(idOf(row)));
    if (!live.checked || pages.offset > 0 || fresh.length === 0) return;
    table.querySelector(".none")?.remove();
    pages.total += fresh.length;
    table.tHead.after(...fresh.slice(-PAGE).reverse().map(rowOf));
    for (const body of [...table.querySelectorAll(".request")].slice(PAGE)) body.remove();
    count_rows();
  };

  const restart = () => {
    pages.offset = 0;
    load().catch(toast);
  };
  for (const element of Object.values(filters)) element.addEventListener("change", restart);
  live.addEventListener("change", () => live.checked && restart());
  section.append(
    h("div", { class: "bar" }, h("h1", {}, "Live log"), state, cell("Follow", live)),
    h("form", { id: "log-filters", class: "filters", onsubmit: (event) => event.preventDefault() }, [
      field("Provider", "providers", filters.providers),
      field("Model", "models", filters.models),
      field("Virtual key", "virtual_key_ids", filters.virtual_key_ids),
      field("Status", "status", filters.status),
    ]),
    h("div", { class: "card scroll" }, table),
    h("div", { class: "bar pages" }, range, newer, older),
  );
  await load();
  suggest(section).catch(toast);
  await stay(signal, load, arrive, (text) => (state.textContent = text));
}

/** Keeps a feed open until the section is left, and reads the page again whenever rows may have been missed. */
async function stay(signal, load, arrive, say) {
  const queue = [];
  const flushing = setInterval(() => arrive(queue.splice(0)), 250);
  signal.addEventListener("abort", () => clearInterval(flushing));
  while (!signal.aborted) {
    try {
      const events = await follow("/api/logs/live", signal);
      say("live");
      await load();
      for await (const { payload, missed } of events) {
        if (payload) queue.push(payload);
        if (missed) await load();
      }
      say("the gateway ended the feed; trying again");
    } catch (error) {
      if (signal.aborted || error.refused) throw error;
      say(`not live: ${error.message}; trying again`);
    }
    await pause(2);
  }
}

/** Names that the filters may take. */
async function suggest(section) {
  const known = await get("/api/logs/filterdata");
  const add = (id, names) => section.append(h("datalist", { id }, names.map((value) => h("option", { value }))));
  add("log-providers", known.providers);
  add("log-models", known.models);
  add("log-virtual-keys", known.virtual_keys.map(({ id }) => id));
}

/** Whether a row that has just come is one of those that are asked for, by the rules of `/api/logs`. */
function matches(row, { providers, models, virtual_key_ids: keys, status }) {
  const one = ({ value }, ...is) => value.trim() === "" || list(value).some((wanted) => is.includes(wanted));
  return one(providers, row.provider) && one(models, row.model, row.requested_model)
    && one(keys, row.virtual_key_id) && one(status, row.status);
}

const idOf = (row) => `request-${row.id}`;

function emptyRow(text) {
  return h("tbody", { class: "none" }, h("tr", {}, h("td", { colspan: COLUMNS.length, class: "empty" }, text)));
}

function rowOf(row) {
  const label = `Details of request ${row.id}`;
  const opener = h("button", { type: "button", class: "opener", "aria-expanded": "false", "aria-label": label });
  const content = h("td", { colspan: COLUMNS.length });
  const more = h("tr", { class: "details", hidden: true }, content);
  const toggle = async () => {
    more.hidden = !more.hidden;
    opener.setAttribute("aria-expanded", String(!more.hidden));
    if (more.hidden || content.hasChildNodes()) return;
    const shown = await get(`/api/logs/${row.id}`).then(details, trouble);
    content.replaceChildren(shown);
  };
  return h("tbody", { id: idOf(row), class: "request" }, h("tr", { onclick: toggle }, cells(row, opener)), more);
}

function cells(row, opener) {
  const { provider, model, token_usage: usage, status } = row;
  const badge = h("span", { class: `badge ${status === "success" ? "good" : "bad"}` });
  badge.textContent = status === "cancelled" ? "cancelled" : row.status_code;
  const wide = (...content) => h("td", { class: "wide" }, ...content);
  return [
    h("td", {}, opener, when(row.timestamp)),
    h("td", {}, badge),
    h("td", {}, provider ?? "–"),
    h("td", {}, model ?? row.requested_model ?? "–"),
    wide(row.virtual_key_id ?? "–"),
    wide(usage ? `${brief(usage.prompt_tokens)} → ${brief(usage.completion_tokens)}` : "–"),
    wide(row.unpriced ? "unpriced" : money(row.cost)),
    h("td", {}, millis(row.latency)),
    wide(count(row.attempts.filter((attempt) => attempt.outcome !== "skipped").length)),
  ];
}
