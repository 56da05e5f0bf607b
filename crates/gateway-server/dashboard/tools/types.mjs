// Writes src/api/schema.d.ts: the types of the management API, from the document that the server makes of itself.
// With `--check` it writes nothing, and fails where the file says something else.
import { readFile, writeFile } from "node:fs/promises";
import openapiTS, { astToString } from "openapi-typescript";

const here = new URL("../", import.meta.url);
const document = JSON.parse(await readFile(new URL("../../../docs/api/openapi.json", here), "utf8"));
// The dashboard calls nothing else.
for (const path of Object.keys(document.paths)) {
  if (!path.startsWith("/api/")) delete document.paths[path];
}
const types = astToString(await openapiTS(document, { alphabetize: true }));
const note = "// Made by `cargo xtask ui` from docs/api/openapi.json; not written by hand.\n\n";
const file = new URL("src/api/schema.d.ts", here);
if (!process.argv.includes("--check")) {
  await writeFile(file, note + types);
} else if ((await readFile(file, "utf8")) !== note + types) {
  console.error("src/api/schema.d.ts is not what docs/api/openapi.json says; run `npm run types`");
  process.exit(1);
}
