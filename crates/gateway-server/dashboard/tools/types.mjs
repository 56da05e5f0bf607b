// Writes src/api/schema.d.ts: the types of the management API, from the document that the server makes of itself.
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
await writeFile(new URL("src/api/schema.d.ts", here), note + types);
