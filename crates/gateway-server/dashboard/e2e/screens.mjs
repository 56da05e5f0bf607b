// The pictures of the README: four views of the demo at DEMO_URL, as WebP, into docs/screens.

import { mkdir, writeFile } from "node:fs/promises";
import { fileURLToPath } from "node:url";
import { get, PLACES } from "./api.mjs";
import { launch, visitor } from "./browser.mjs";

const FOLDER = fileURLToPath(new URL("../../../../docs/screens/", import.meta.url));
const QUALITY = 0.82;
const MOST = 150 * 1024;

const { json } = await get(PLACES.demo, "/api/logs?limit=1000");
const failover = json.logs.find((row) => row.status === "success" && row.stream && row.attempts.length > 1);

const PICTURES = [
  ["overview", "/overview", "light"],
  ["log-row", `/logs/${failover?.id ?? json.logs[0].id}`, "dark"],
  ["keys", "/keys", "light"],
  ["what-would-happen", "/routing?tab=what-if&key=support-triage&model=fast", "dark"],
];

const browser = await launch();
await mkdir(FOLDER, { recursive: true });
for (const [name, path, theme] of PICTURES) {
  const visit = await visitor(browser, PLACES.demo, { theme });
  await visit.open(path);
  const png = await visit.page.screenshot();
  const webp = await packed(visit.page, png);
  if (webp.length > MOST) throw new Error(`${name}.webp has ${webp.length} bytes; ${MOST} are allowed`);
  await writeFile(`${FOLDER}${name}.webp`, webp);
  console.log(`docs/screens/${name}.webp: ${Math.ceil(webp.length / 1024)} KB`);
  await visit.close();
}
await browser.close();

/** The same picture as WebP, by the browser's own encoder. */
async function packed(page, png) {
  const address = await page.evaluate(
    async ([base64, quality]) => {
      const bytes = Uint8Array.from(atob(base64), (one) => one.charCodeAt(0));
      const bitmap = await createImageBitmap(new Blob([bytes], { type: "image/png" }));
      const canvas = document.createElement("canvas");
      canvas.width = bitmap.width;
      canvas.height = bitmap.height;
      canvas.getContext("2d").drawImage(bitmap, 0, 0);
      return canvas.toDataURL("image/webp", quality);
    },
    [png.toString("base64"), QUALITY],
  );
  return Buffer.from(address.split(",")[1], "base64");
}
