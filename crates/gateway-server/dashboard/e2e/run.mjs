// End to end: a browser in front of real gateways. `cargo xtask test dashboard` sets everything up; to run single checks again,
// `EMPTY_URL=… DEMO_URL=… GATED_URL=… LLAMA_URL=… LLAMA_KEY=… node e2e/run.mjs WORDS…`.

import { launch } from "./browser.mjs";
import { runAll } from "./runner.mjs";

// The pages come first, while there is nothing in the empty gateway.
for (const name of ["pages", "quickstart", "traffic", "routing", "settings", "people", "keyboard"]) {
  await import(`./checks/${name}.mjs`);
}

const browser = await launch();
const failed = await runAll(process.argv.slice(2), async (see) => {
  try {
    await see(browser);
  } finally {
    // A check that failed has left its pages open.
    await Promise.all(browser.contexts().map((context) => context.close()));
  }
});
await browser.close();
process.exit(failed > 0 ? 1 : 0);
