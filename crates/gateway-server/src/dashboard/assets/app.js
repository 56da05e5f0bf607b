// The dashboard: one page, a section per hash, a login where the API asks for one.

import { get, token } from "./api.js";
import { h, trouble } from "./dom.js";
import { keys } from "./keys.js";
import { log } from "./log.js";
import { overview } from "./overview.js";
import { providers } from "./providers.js";

/** Each draws into the element that it is given, until the signal says that the section is left. */
const sections = { overview, log, providers, keys };
const main = document.getElementById("main");
const signOut = document.getElementById("sign-out");
let visit = new AbortController();

async function go() {
  visit.abort();
  visit = new AbortController();
  const { signal } = visit;
  const asked = location.hash.slice(1).split("?")[0];
  const name = asked in sections ? asked : "overview";
  for (const open of document.querySelectorAll("dialog")) open.close();
  for (const link of document.querySelectorAll("nav a")) {
    if (link.hash === `#${name}`) link.setAttribute("aria-current", "page");
    else link.removeAttribute("aria-current");
  }
  document.title = `${document.querySelector(`#nav-${name}`).textContent} · Gateway`;
  signOut.hidden = !token.read();
  const section = h("section", { id: name });
  main.replaceChildren(section);
  try {
    await sections[name](section, signal);
  } catch (error) {
    if (signal.aborted) return;
    if (error.refused) askForToken(error.message);
    else section.append(trouble(error), h("p", {}, h("button", { type: "button", onclick: go }, "Try again")));
  }
}

function askForToken(message) {
  visit.abort();
  const given = h("input", { id: "login-token", type: "password", autocomplete: "current-password", required: true });
  const onsubmit = (event) => {
    event.preventDefault();
    token.keep(given.value.trim());
    start();
  };
  const form = h("form", { id: "login-form", class: "card", onsubmit }, [
    h("h1", {}, "Sign in"),
    h("p", { id: "login-message", role: "alert" }, token.read() && "That token was not accepted: ", message),
    h("div", { class: "field" }, h("label", { for: "login-token" }, "Admin token"), given),
    h("div", { class: "actions" }, h("button", { id: "login-submit", class: "primary" }, "Sign in")),
  ]);
  token.forget();
  signOut.hidden = true;
  main.replaceChildren(form);
  given.focus();
}

function start() {
  get("/api/version").then((version) => (document.getElementById("version").textContent = version), () => {});
  go();
}

signOut.addEventListener("click", () => {
  token.forget();
  start();
});
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
window.addEventListener("hashchange", go);
start();
