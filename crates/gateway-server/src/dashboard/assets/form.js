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

/** A checkbox with its label after it. */
export function check(label, path, input) {
  input.type = "checkbox";
  input.dataset.path = path;
  return h("label", { class: "check" }, input, label);
}

export const input = (id, attributes) => h("input", { id, autocomplete: "off", ...attributes });

export function choice(id, options, chosen) {
  const one = ([value, label]) => h("option", { value, selected: value === chosen }, label);
  return h("select", { id }, options.map(one));
}

/** The number in an input; null where it is empty. */
export const number = (element) => (element.value.trim() === "" ? null : Number(element.value));

/** The parts of a list with commas or line breaks. */
export const list = (text) => text.split(/[,\n]/).map((part) => part.trim()).filter(Boolean);

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

/** Shows a message at the foot of the form and marks the input whose path it names in backticks. */
function complain(form, prefix, message) {
  for (const marked of form.querySelectorAll("[aria-invalid]")) marked.removeAttribute("aria-invalid");
  const place = form.querySelector(`#${prefix}-error`);
  place.hidden = message == null;
  place.textContent = message ?? "";
  const named = [...(message ?? "").matchAll(/`([^`]+)`/g)].map(([, path]) => path.replace(/budgets\[0\]/g, "budget"));
  const inputs = [...form.querySelectorAll("[data-path]")];
  const about = named.flatMap((path) => inputs.filter(({ dataset }) => path === dataset.path || path.endsWith(`.${dataset.path}`)));
  if (about.length === 0) return;
  about[0].setAttribute("aria-invalid", "true");
  about[0].setAttribute("aria-errormessage", place.id);
  about[0].focus();
}
