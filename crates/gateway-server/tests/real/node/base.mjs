// What every SDK for Node is asked, what its user sees of the answer, and how the checks are counted.

export const HELLO = "What is it like in Oslo?";

export const parameters = (name) => ({
  type: "object",
  properties: { city: { type: "string", description: `Where, for ${name}` } },
  required: ["city"],
});

// What the user of an SDK sees, in the same words for all of them. `usage` is input tokens, cached ones among them, and
// output tokens, those of reasoning among them.
export const seen = (text, calls, finish, usage) => ({ text: text ?? "", calls, finish, usage });

// Some dialects have no word of their own for an answer that ends with calls.
const reason = ({ calls, finish }) => (calls.length && finish === "stop" ? "tools" : finish);

// What every dialect can say; what only one can say, another puts into words of its own.
const FINISHES = ["stop", "length", "tools", "filter"];

export function differences(got, wanted) {
  const found = [];
  const compare = (what, one, other) => {
    const where = unlike(what, one, other);
    if (where) found.push(where);
  };
  compare("text", got.text, wanted.text);
  compare("calls", got.calls, wanted.calls);
  if (FINISHES.includes(reason(wanted))) compare("finish", reason(got), reason(wanted));
  if (wanted.usage?.some(Boolean)) compare("usage", got.usage, wanted.usage);
  return found;
}

// Where two values differ first, if they do. A property that is undefined is one that is not there.
export function unlike(what, got, wanted) {
  if (got && wanted && typeof got === "object" && typeof wanted === "object" && Array.isArray(got) === Array.isArray(wanted)) {
    if (Array.isArray(got) && got.length !== wanted.length) return `${what} has ${got.length} and not ${wanted.length} items`;
    for (const name of new Set([...Object.keys(wanted), ...Object.keys(got)])) {
      const found = unlike(`${what}.${name}`, got[name], wanted[name]);
      if (found) return found;
    }
    return null;
  }
  return got === wanted ? null : `${what} is ${clip(got)} and not ${clip(wanted)}`;
}

const clip = (value) => {
  const text = JSON.stringify(value) ?? "undefined";
  return text.length <= 120 ? text : `${text.slice(0, 58)}…${text.slice(-58)}`;
};

// Errors as the SDK tells them: the status, the words, the time to come back.
export const told = (status, message, retryAfter) => ({ status, message, retryAfter });

export class Checks {
  table = new Map();

  async row(title, column, check) {
    let came = "FAILED";
    try {
      came = await check();
      console.log(`ok ${title}: ${column}`);
    } catch (error) {
      process.exitCode = 1;
      console.error(error);
      console.log(`FAILED ${title}: ${column}: ${String(error.message).replace(/\s+/g, " ").slice(0, 300)}`);
    }
    this.table.set(title, { ...this.table.get(title), [column]: came });
  }

  show() {
    const columns = [...new Set([...this.table.values()].flatMap((row) => Object.keys(row)))];
    const wide = Math.max(5, ...[...this.table.keys()].map((title) => title.length));
    const line = (title, cells) => console.log(title.padEnd(wide) + cells.map((cell) => String(cell).padStart(10)).join(""));
    console.log();
    line("cases", columns);
    for (const [title, row] of this.table) line(title, columns.map((column) => row[column] ?? ""));
  }
}
