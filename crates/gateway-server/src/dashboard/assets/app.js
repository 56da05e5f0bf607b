// The dashboard: one page, a section per hash, a login where the API asks for one.

import { call, get, token } from "./api.js";
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
  get("/api/session").then(({ by }) => (signOut.hidden = by === "loopback"), () => (signOut.hidden = true));
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

/** Asks for a user and a password where there are users, and for the admin token or an API token otherwise or instead. */
async function askForToken(message) {
  visit.abort();
  const { has_users: users } = await get("/api/session/is-auth-enabled").catch(() => ({}));
  const name = h("input", { id: "login-user", autocomplete: "username" });
  const given = h("input", { id: "login-token", type: "password", autocomplete: "current-password", required: true });
  const onsubmit = async (event) => {
    event.preventDefault();
    if (!name.value) {
      token.keep(given.value.trim());
      return start();
    }
    try {
      await call("POST", "/api/session/login", { username: name.value.trim(), password: given.value });
      start();
    } catch (error) {
      askForToken(error.message);
    }
  };
  const form = h("form", { id: "login-form", class: "card", onsubmit }, [
    h("h1", {}, "Sign in"),
    h("p", { id: "login-message", role: "alert" }, token.read() && "That token was not accepted: ", message),
    users && h("div", { class: "field" }, h("label", { for: "login-user" }, "User (none for a token)"), name),
    h("div", { class: "field" }, h("label", { for: "login-token" }, users ? "Password or token" : "Admin token"), given),
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
  call("POST", "/api/session/logout").catch(() => {}).then(start);
});
document.querySelector(".skip").addEventListener("click", (event) => {
  event.preventDefault();
  main.focus();
});
window.addEventListener("hashchange", go);
start();
