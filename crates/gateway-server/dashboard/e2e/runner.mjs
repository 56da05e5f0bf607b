// Checks with names, one after the other: `ok NAME`, or `FAILED NAME: why`, for each. That is what `cargo xtask test` counts.

import { stripVTControlCharacters } from "node:util";

const PATIENCE = 20_000;

const checks = [];

/** A check: what should be so, and how to see it. */
export function check(name, see) {
  checks.push({ name, see });
}

/** Runs those whose names contain one of these words, or all. Gives how many failed. */
export async function runAll(words, around) {
  let failed = 0;
  for (const { name, see } of checks) {
    if (words.length > 0 && !words.some((word) => name.includes(word))) continue;
    const begun = Date.now();
    try {
      await around(see);
      console.log(`ok ${name}`);
    } catch (error) {
      failed += 1;
      console.error(error);
      const why = stripVTControlCharacters(String(error.message ?? error))
        .split(/\s+/)
        .join(" ")
        .slice(0, 600);
      console.log(`FAILED ${name}: ${why}`);
    }
    console.error(`   ${((Date.now() - begun) / 1000).toFixed(1)} s`);
  }
  return failed;
}

/** Looks again and again until something is so, or patience ends. */
export async function eventually(what, look) {
  const end = Date.now() + PATIENCE;
  let last;
  while (Date.now() < end) {
    try {
      const found = await look();
      if (found) return found;
      last = found;
    } catch (error) {
      last = error;
    }
    await new Promise((again) => setTimeout(again, 100));
  }
  throw new Error(`never happened: ${what} (${last})`);
}

/** Says what is wrong where two things differ. */
export function same(what, found, expected) {
  const [left, right] = [JSON.stringify(found), JSON.stringify(expected)];
  if (left !== right) throw new Error(`${what}: ${left} instead of ${right}`);
}

export function holds(what, is) {
  if (!is) throw new Error(what);
}
