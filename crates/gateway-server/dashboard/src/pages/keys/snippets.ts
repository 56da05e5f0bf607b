// How an application calls the gateway with a key, ready to be pasted.

export interface Snippet {
  id: "curl" | "python" | "node" | "anthropic";
  label: string;
  /** What has to be installed. */
  needs: string | undefined;
  code: string;
}

export interface Calling {
  /** Where the gateway is: `https://gateway.example`. */
  base: string;
  model: string;
  /** The key's value while it may be shown; else the environment variable stands for it. */
  value?: string | undefined;
}

/** The environment variable that stands for a key whose value is not shown any more. */
export const VARIABLE = "GATEWAY_KEY";

export function snippets({ base, model, value }: Calling): Snippet[] {
  const python = value === undefined ? `os.environ["${VARIABLE}"]` : JSON.stringify(value);
  const node = value === undefined ? `process.env.${VARIABLE}` : JSON.stringify(value);
  const bearer =
    value === undefined ? `"Authorization: Bearer $${VARIABLE}"` : quoted(`Authorization: Bearer ${value}`);
  const importOs = value === undefined ? "import os\n\n" : "";
  const name = JSON.stringify(model);
  const body = JSON.stringify({ model, messages: [{ role: "user", content: "Hello!" }] }, null, 2);
  return [
    {
      id: "curl",
      label: "curl",
      needs: undefined,
      code: `curl ${quoted(`${base}/v1/chat/completions`)} \\
  -H ${bearer} \\
  -H "Content-Type: application/json" \\
  -d ${quoted(body)}`,
    },
    {
      id: "python",
      label: "Python",
      needs: "pip install openai",
      code: `${importOs}from openai import OpenAI

client = OpenAI(
    base_url=${JSON.stringify(`${base}/v1`)},
    api_key=${python},
)
answer = client.chat.completions.create(
    model=${name},
    messages=[{"role": "user", "content": "Hello!"}],
)
print(answer.choices[0].message.content)`,
    },
    {
      id: "node",
      label: "Node",
      needs: "npm install openai",
      code: `import OpenAI from "openai";

const client = new OpenAI({
  baseURL: ${JSON.stringify(`${base}/v1`)},
  apiKey: ${node},
});
const answer = await client.chat.completions.create({
  model: ${name},
  messages: [{ role: "user", content: "Hello!" }],
});
console.log(answer.choices[0].message.content);`,
    },
    {
      id: "anthropic",
      label: "Anthropic SDK",
      needs: "pip install anthropic",
      code: `${importOs}from anthropic import Anthropic

client = Anthropic(
    base_url=${JSON.stringify(`${base}/anthropic`)},
    api_key=${python},
)
message = client.messages.create(
    model=${name},
    max_tokens=1024,
    messages=[{"role": "user", "content": "Hello!"}],
)
print(message.content[0].text)`,
    },
  ];
}

/** A word for a shell, whatever is in it. */
function quoted(text: string): string {
  return `'${text.replaceAll("'", "'\\''")}'`;
}

interface Entry {
  allowed_models: readonly string[];
  model_aliases: Readonly<Record<string, string>>;
}

/** A model that a key surely may use: one that is allowed by name, or asked for by an alias. */
export function modelFor(entries: readonly Entry[]): string | undefined {
  const named = entries.flatMap((entry) => [...entry.allowed_models, ...Object.keys(entry.model_aliases)]);
  return named.find((model) => !model.includes("*"));
}
