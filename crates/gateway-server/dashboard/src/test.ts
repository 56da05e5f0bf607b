// What every test starts with: a page that the one before has not touched.
import { afterEach } from "vitest";

afterEach(() => {
  document.body.replaceChildren();
  localStorage.clear();
  sessionStorage.clear();
});

declare global {
  /** React says so where a test forgets to wait for it. */
  var IS_REACT_ACT_ENVIRONMENT: boolean;
}

// What jsdom does not have.
Element.prototype.scrollIntoView ??= () => undefined;
window.matchMedia ??= (media) => Object.assign(new EventTarget(), { media, matches: false }) as MediaQueryList;
