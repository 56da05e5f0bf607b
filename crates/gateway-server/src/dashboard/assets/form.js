// Forms: labelled fields, and the API's complaints at the field that they are about.

import { h } from "./dom.js";

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

export const select = (attributes, options, chosen) =>
  h("select", attributes, options.map(([value, label]) => h("option", { value, selected: value === chosen }, label)));

/** The number in an input; null where it is empty. */
export const number = (element) => (element.value.trim() === "" ? null : Number(element.value));

/** The parts of a list with commas or line breaks. */
export const list = (text) => text.split(/[,\n]/).map((part) => part.trim()).filter(Boolean);

/**
 * A list of equal rows, each made by `make(item)` out of {@link cell}s. `number` gives the inputs of the first row the ids
 * `prefix-name`, of the next `prefix-name-2`, and the paths that the API would name.
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
    row.append(h("button", { type: "button", class: "remove", name: "remove", "aria-label": "Remove", onclick: take }, "✕"));
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

const inputsOf = (row) => Object.fromEntries([...row.querySelectorAll("[name]")].map((element) => [element.name, element]));

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

/** Shows a message below the input whose path it names in backticks, or else at the foot of the form. */
function complain(form, prefix, message) {
  for (const marked of form.querySelectorAll("[aria-invalid]")) marked.removeAttribute("aria-invalid");
  const place = form.querySelector(`#${prefix}-error`);
  place.hidden = message == null;
  place.textContent = message ?? "";
  const named = [...(message ?? "").matchAll(/`([^`]+)`/g)].map(([, path]) => path.replace("budgets[0]", "budget"));
  const is = (path, element) => path === element.dataset.path || path.endsWith(`.${element.dataset.path}`);
  const about = [...form.querySelectorAll("[data-path]")].find((element) => named.some((path) => is(path, element)));
  if (!about) return form.querySelector(":scope > .actions").before(place);
  about.closest(".field, .row").after(place);
  about.setAttribute("aria-invalid", "true");
  about.setAttribute("aria-errormessage", place.id);
  about.focus();
}
