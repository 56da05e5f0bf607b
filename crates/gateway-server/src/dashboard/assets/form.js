// Cards of what can be changed, and the forms to do it: labelled fields, and the API's complaints below them.

import { call } from "./api.js";
import { confirmed, h, toast } from "./dom.js";

/** A card, with buttons to edit and delete what it shows. What a configuration file declares is changed there. */
export function card({ kind, id, title, good, state, origin, path, loss, edit, again }, ...body) {
  const ofFile = origin.startsWith("file ");
  const remove = async () => {
    if (!(await confirmed(`Delete ${id}? ${loss}`, "Delete"))) return;
    await call("DELETE", path).then(() => toast(`${id} is deleted.`), toast);
    await again();
  };
  const button = (verb, onclick) => {
    const attributes = { type: "button", class: verb.toLowerCase(), "aria-label": `${verb} ${id}`, disabled: ofFile };
    return h("button", { ...attributes, onclick }, verb);
  };
  return h("article", { class: "card", [`data-${kind}`]: id }, [
    h("div", { class: "bar" }, h("h2", {}, title), h("span", { class: `badge ${good ? "good" : "bad"}` }, state)),
    body,
    h("div", { class: "actions" }, [
      ofFile && h("small", {}, `To be changed in its ${origin}.`),
      button("Edit", edit),
      button("Delete", remove),
    ]),
  ]);
}

/** An input with its label. `path` is the field's name in the API, for {@link complain}. */
export function field(label, path, input, hint) {
  input.dataset.path = path;
  if (hint) input.setAttribute("aria-describedby", `${input.id}-hint`);
  return h("div", { class: "field" }, [
    h("label", { for: input.id }, label),
    input,
    hint && h("small", { id: `${input.id}-hint` }, hint),
  ]);
}

export const input = (attributes) => h("input", { autocomplete: "off", ...attributes });

export function select(attributes, options, chosen) {
  const one = ([value, label]) => h("option", { value, selected: value === chosen }, label);
  return h("select", attributes, options.map(one));
}

/** The number in an input; null where it is empty. */
export const number = (element) => (element.value.trim() === "" ? null : Number(element.value));

/** The parts of a list with commas or line breaks. */
export const list = (text) => text.split(/[,\n]/).map((part) => part.trim()).filter(Boolean);

/**
 * A list of equal rows, each made by `make(item)` out of {@link cell}s. The inputs of the first row have the ids
 * `prefix-name`, those of the next `prefix-name-2`, and all have the paths that the API would name.
 */
export function rows(prefix, path, items, make) {
  const box = h("div", { class: "rows" });
  const number = () => {
    for (const [index, row] of [...box.children].entries()) {
      for (const element of row.querySelectorAll("[name]")) {
        element.id = `${prefix}-${element.name}${index ? `-${index + 1}` : ""}`;
        element.dataset.path = `${path}[${index}].${element.name.replaceAll("-", "_")}`;
      }
    }
  };
  const add = (item) => {
    const row = h("div", { class: "row" }, make(item));
    const take = () => {
      row.remove();
      number();
      box.parentElement.querySelector("button").focus();
    };
    const attributes = { type: "button", class: "remove", name: "remove", "aria-label": "Remove" };
    row.append(h("button", { ...attributes, onclick: take }, "✕"));
    row.item = item;
    box.append(row);
    number();
    return row;
  };
  items.forEach(add);
  const more = (label, item) => {
    const onclick = () => add(item).querySelector("input, select").focus();
    return h("button", { type: "button", id: `${prefix}-add`, onclick }, label);
  };
  /** What `of(inputs by name, item)` gives for each row; rows for which it gives null are left out. */
  const read = (of) => [...box.children].map((row) => of(inputsOf(row), row.item)).filter(Boolean);
  return { box, more, read };
}

function inputsOf(row) {
  return Object.fromEntries([...row.querySelectorAll("[name]")].map((element) => [element.name, element]));
}

/** One input of a row, in its label. */
export function cell(label, element) {
  return h("label", { class: element.type === "checkbox" ? "check" : "cell" }, h("span", {}, label), element);
}

/** Cancel, save, and room for a complaint. */
export function footer(prefix, close) {
  return [
    h("p", { id: `${prefix}-error`, class: "trouble", role: "alert", hidden: true }),
    h("div", { class: "actions" }, [
      h("button", { type: "button", id: `${prefix}-cancel`, onclick: close }, "Cancel"),
      h("button", { type: "submit", id: `${prefix}-save`, class: "primary" }, "Save"),
    ]),
  ];
}

/** Sends a form through `save`, one at a time, and shows what the API has against it. */
export function submits(form, prefix, save) {
  form.addEventListener("submit", async (event) => {
    event.preventDefault();
    const button = form.querySelector(`#${prefix}-save`);
    button.disabled = true;
    complain(form, prefix, null);
    try {
      await save();
    } catch (error) {
      complain(form, prefix, error.message);
    } finally {
      button.disabled = false;
    }
  });
}

/**
 * Shows a message below the input whose path it names in backticks (at once, or as the place and the field that is
 * missing there), or else at the foot of the form.
 */
function complain(form, prefix, message) {
  for (const marked of form.querySelectorAll("[aria-invalid]")) marked.removeAttribute("aria-invalid");
  const place = form.querySelector(`#${prefix}-error`);
  place.hidden = message == null;
  place.textContent = message ?? "";
  const named = [...(message ?? "").matchAll(/`([^`]+)`/g)].map(([, path]) => path.replace("budgets[0]", "budget"));
  if (named.length > 1) named.unshift(`${named[0]}.${named[1]}`);
  const is = (path, element) => path === element.dataset.path || path.endsWith(`.${element.dataset.path}`);
  const about = [...form.querySelectorAll("[data-path]")].find((element) => named.some((path) => is(path, element)));
  if (!about) return form.querySelector(":scope > .actions").before(place);
  about.closest(".field, .row").after(place);
  about.setAttribute("aria-invalid", "true");
  about.setAttribute("aria-errormessage", place.id);
  about.focus();
}
