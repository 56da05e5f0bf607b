// The overview: how much, how well, for how much money, and what needs a person.

import { call, get } from "./api.js";
import { code, every, h, redraw, svg, toast } from "./dom.js";
import { brief, count, millis, money, percent, when, words } from "./format.js";

const RANGES = [["1 h", 60], ["24 h", 24 * 60], ["7 d", 7 * 24 * 60]];
/** Shares by provider are there for two days; totals and the chart for as long as the log is. */
const SHARES_KEPT = 2 * 24 * 60;
let minutes = 60;

export async function overview(section, signal) {
  const block = (name) => h("div", { id: `overview-${name}` });
  const blocks = ["start", "offers", "health", "totals", "chart", "providers"].map(block);
  const [start, offers, health, totals, chart, shares] = blocks;
  const show = async () => {
    const asked = minutes;
    const since = new Date(Date.now() - asked * 60_000).toISOString();
    const [history, shown, configured, offered, deployments] = await Promise.all([
      get(`/api/logs/histogram?start_time=${since}`),
      get(`/api/overview?minutes=${Math.min(asked, SHARES_KEPT)}`),
      get("/api/providers"),
      get("/api/offers"),
      get("/api/health/deployments"),
    ]);
    if (asked !== minutes) return;
    redraw(start, configured.total === 0, (none) => none && firstSteps());
    redraw(offers, offered.offers, (all) => all.map((offer) => offerOf(offer, show)));
    redraw(health, unwell(configured.providers, deployments.deployments), unwellList);
    redraw(totals, [sum(history.buckets), shown.dropped_rows], totalsOf);
    redraw(chart, history, chartOf);
    redraw(shares, [shown.providers, asked], sharesOf);
  };
  section.append(h("div", { class: "bar" }, h("h1", {}, "Overview"), ranges(show)), ...blocks);
  await show();
  await every(15, signal, show);
}

function ranges(show) {
  const one = ([label, value]) => {
    const onchange = () => {
      minutes = value;
      show().catch(toast);
    };
    const id = `range-${label.replace(" ", "")}`;
    const radio = h("input", { type: "radio", name: "range", id, checked: value === minutes, onchange });
    return h("label", {}, radio, h("span", {}, label));
  };
  return h("fieldset", { class: "ranges" }, h("legend", {}, "Time span"), RANGES.map(one));
}

function firstSteps() {
  const link = (section, text) => h("a", { href: `#${section}` }, text);
  const base = `${location.origin}/v1`;
  const example = `curl ${base}/chat/completions -H 'content-type: application/json' \\
  -d '{"model": "openai/gpt-4o-mini", "messages": [{"role": "user", "content": "Hello"}]}'`;
  const steps = [
    [link("providers", "Add a provider"), ": a cloud with its API key, or a server of your own with its address. ",
      "Those whose keys are in the environment (", code("OPENAI_API_KEY"), " and the like) are there from the start."],
    ["Call it, with any OpenAI SDK whose base URL is ", code(base), ", or with curl:", h("pre", {}, example)],
    ["Watch the ", link("log", "live log"), ", then give each application a ", link("keys", "virtual key"),
      " with models and limits of its own."],
  ];
  return h("div", { id: "first-steps", class: "card" }, [
    h("h2", {}, "Three steps to the first answer"),
    h("ol", {}, steps.map((step) => h("li", {}, step))),
  ]);
}

function offerOf({ name, kind, base_url: url, models }, show) {
  const accept = async ({ target }) => {
    target.disabled = true;
    const path = `/api/offers/${encodeURIComponent(name)}/accept`;
    await call("POST", path).then(() => toast(`Provider ${name} takes calls now.`), toast);
    target.disabled = false;
    await show().catch(toast);
  };
  const served = models.slice(0, 3).join(", ") || "no model yet";
  const more = models.length > 3 && ` and ${count(models.length - 3)} more`;
  return h("div", { class: "card offer", "data-offer": name }, [
    h("p", {}, `${kind} answers at `, code(url), ` and serves ${served}`, more, "."),
    h("button", { type: "button", class: "primary accept", onclick: accept }, `Use it as ${name}`),
  ]);
}

/** What keeps providers and deployments from answering, in sentences. */
function unwell(configured, deployments) {
  const providers = configured
    .filter((provider) => provider.provider_status !== "active")
    .map(({ name, status }) => ({ who: name, what: status ?? "not usable" }));
  const broken = deployments
    .filter(({ condition }) => condition !== "ready")
    .map(({ deployment: { provider, model, key }, condition, failures, calls }) => {
      const lately = calls > 0 ? `; ${count(failures)} of its last ${count(calls)} calls failed` : "";
      return { who: `${provider}/${model}`, what: `${words(condition)} (key ${key}${lately})` };
    });
  return [...providers, ...broken];
}

function unwellList(all) {
  if (all.length === 0) return null;
  const one = ({ who, what }) => h("li", {}, h("strong", {}, who), ": ", what);
  return h("div", { class: "card unwell", role: "status" }, h("h2", {}, "Needs a look"), h("ul", {}, all.map(one)));
}

/** The figures of a whole span from those of its slots. */
function sum(buckets) {
  const add = (of) => buckets.reduce((total, bucket) => total + of(bucket), 0);
  const requests = add((bucket) => bucket.total_requests);
  return {
    requests,
    success: requests > 0 ? add((bucket) => bucket.success) / requests : null,
    input: add((bucket) => bucket.input_tokens),
    output: add((bucket) => bucket.output_tokens),
    cost: add((bucket) => bucket.total_cost),
    latency: requests > 0 ? add((bucket) => bucket.average_latency * bucket.total_requests) / requests : null,
  };
}

function totalsOf([{ requests, success, input, output, cost, latency }, dropped]) {
  const one = (id, label, value, title) => h("div", {}, h("dt", {}, label), h("dd", { id, title }, value));
  return [
    h("dl", { class: "totals" }, [
      one("total-requests", "Requests", brief(requests), count(requests)),
      one("total-success", "Succeeded", percent(success)),
      one("total-input", "Tokens in", brief(input), count(input)),
      one("total-output", "Tokens out", brief(output), count(output)),
      one("total-cost", "Cost", money(cost)),
      one("total-latency", "Mean latency", millis(latency)),
    ]),
    dropped > 0 && h("p", { class: "hint" }, `${count(dropped)} log rows were dropped; these figures lack them.`),
  ];
}

/** Bars for requests, failed ones on top, and a line for cost, each on its own scale. */
function chartOf({ buckets, bucket_size_seconds: slot }) {
  if (buckets.every((bucket) => bucket.count === 0)) return null;
  const [width, height] = [buckets.length * 10, 100];
  const most = Math.max(...buckets.map((bucket) => bucket.count));
  const dearest = Math.max(...buckets.map((bucket) => bucket.total_cost));
  const bars = buckets.map((bucket, index) => {
    const bar = (kind, from, to) => {
      const [y, tall] = [height * (1 - to / most), (height * (to - from)) / most];
      return to > from && svg("rect", { class: kind, x: index * 10 + 1, width: 8, y, height: tall });
    };
    return svg("g", {}, [
      svg("title", {}, told(bucket)),
      svg("rect", { class: "space", x: index * 10, width: 10, height }),
      bar("fine", 0, bucket.success),
      bar("failed", bucket.success, bucket.count),
    ]);
  });
  const level = (cost) => height - 2 - (cost / dearest) * (height - 4);
  const points = buckets.map((bucket, index) => `${index * 10 + 5},${level(bucket.total_cost)}`).join(" ");
  const step = slot < 3600 ? `${slot / 60} min` : `${slot / 3600} h`;
  const drawing = { preserveAspectRatio: "none", role: "img", "aria-label": `Requests and cost every ${step}` };
  return h("figure", { class: "card chart" }, [
    h("figcaption", {}, [
      h("span", { class: "key fine" }, `requests, up to ${brief(most)} in ${step}`),
      h("span", { class: "key failed" }, "failed"),
      h("span", { class: "key cost" }, `cost, up to ${money(dearest)}`),
    ]),
    svg("svg", { viewBox: `0 0 ${width} ${height}`, ...drawing }, [
      bars,
      dearest > 0 && svg("polyline", { class: "cost", points }),
    ]),
    h("div", { class: "bar axis" }, when(buckets[0].timestamp), h("span", {}, "now")),
  ]);
}

function told({ timestamp, count: all, error, total_cost: cost }) {
  return `${new Date(timestamp).toLocaleString()}: ${count(all)} requests, ${count(error)} failed, ${money(cost)}`;
}

function sharesOf([providers, asked]) {
  if (providers.length === 0) return null;
  const columns = [
    ["Requests", "", (share) => count(share.total_requests)],
    ["Succeeded", "", (share) => percent(share.success_rate / 100)],
    ["Tokens in", "wide", (share) => brief(share.input_tokens)],
    ["Tokens out", "wide", (share) => brief(share.output_tokens)],
    ["Cost", "", (share) => money(share.total_cost)],
    ["Mean latency", "wide", (share) => millis(share.average_latency)],
  ];
  const heads = columns.map(([label, kind]) => h("th", { scope: "col", class: kind }, label));
  const row = (share) => h("tr", {}, [
    h("th", { scope: "row" }, share.provider ?? h("em", {}, "nobody reached")),
    columns.map(([, kind, show]) => h("td", { class: kind }, show(share))),
  ]);
  return h("div", { class: "card scroll" }, [
    h("h2", {}, asked > SHARES_KEPT ? "By provider, last two days" : "By provider"),
    h("table", { class: "figures" }, [
      h("thead", {}, h("tr", {}, h("th", { scope: "col" }, "Provider"), heads)),
      h("tbody", {}, providers.map(row)),
    ]),
  ]);
}
