// Making elements. Data only ever becomes text or an attribute, never markup.

/** An element: `h("p", { class: "hint", onclick }, "text", child)`. Nothing becomes of null and false. */
export function h(tag, attributes, ...children) {
  return fill(document.createElement(tag), attributes, children);
}

/** The same for SVG. */
export function svg(tag, attributes, ...children) {
  return fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);
}

function fill(element, attributes, children) {
  for (const [name, value] of Object.entries(attributes ?? {})) {
    if (typeof value === "function") element.addEventListener(name.slice(2), value);
    else if (value === true) element.setAttribute(name, "");
    else if (value !== false && value != null) element.setAttribute(name, value);
  }
  element.append(...children.flat(3).filter((child) => child != null && child !== false));
  return element;
}

/** Text as a machine has it: a name, an address. */
export const code = (...text) => h("span", { class: "code" }, ...text);

/** Labels and what they stand for; pairs without a value are left out. */
export function facts(pairs) {
  const known = pairs.filter(([, value]) => value != null && value !== false);
  return h("dl", {}, known.map(([label, value]) => [h("dt", {}, label), h("dd", {}, value)]));
}

const drawn = new WeakMap();

/** Draws a block anew, but only where its data changed, so that focus and selection stay. */
export function redraw(block, data, draw) {
  const text = JSON.stringify(data);
  if (drawn.get(block) === text) return;
  drawn.set(block, text);
  block.replaceChildren(...[draw(data)].flat(3).filter(Boolean));
}

/** Says something, or what went wrong, in passing; screen readers hear it too. */
export function toast(said) {
  const place = document.getElementById("toast");
  place.textContent = said.message ?? said;
  clearTimeout(toast.timer);
  toast.timer = setTimeout(() => (place.textContent = ""), 6000);
}

/** What went wrong, for the place where it was asked for. */
export function trouble(error) {
  return h("p", { class: "trouble", role: "alert" }, error.message);
}

/** A modal dialog; the Escape key closes it, and closing takes it away. */
export function dialog(id, title, ...body) {
  const box = h("dialog", { id, "aria-labelledby": `${id}-title` }, h("h2", { id: `${id}-title` }, title), body);
  const before = document.activeElement;
  box.addEventListener("close", () => {
    box.remove();
    before?.focus?.();
  });
  document.body.append(box);
  box.showModal();
  return box;
}

/** Asks before something that cannot be undone. */
export function confirmed(question, verb) {
  return new Promise((resolve) => {
    const yes = h("button", { id: "confirm-yes", class: "danger", value: "yes" }, verb);
    const no = h("button", { id: "confirm-no", value: "no", autofocus: true }, "Cancel");
    const box = dialog("confirm", question, h("form", { method: "dialog", class: "actions" }, no, yes));
    box.addEventListener("close", () => resolve(box.returnValue === "yes"));
  });
}

export const pause = (seconds) => new Promise((resolve) => setTimeout(resolve, seconds * 1000));

/** Runs `tick` again and again until the section is left. It rests while nobody looks, and only a refusal ends it. */
export async function every(seconds, signal, tick) {
  for (;;) {
    await pause(seconds);
    if (signal.aborted) return;
    if (document.hidden) continue;
    await tick().catch((error) => {
      if (error.refused) throw error;
      if (!signal.aborted) toast(error);
    });
  }
}
