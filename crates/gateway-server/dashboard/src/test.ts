// What every test starts with: a page that the one before has not touched.
import { afterEach } from "vitest";

afterEach(() => {
  document.body.replaceChildren();
  localStorage.clear();
  sessionStorage.clear();
});
