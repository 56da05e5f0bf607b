// The same call from an application, ready to be pasted.

export interface Snippet {
  id: "curl" | "python" | "node";
  label: string;
  code: string;
}

/** The environment variable that stands for the key's value. */
const VARIABLE = "GATEWAY_KEY";

export function snippets(body: Record<string, unknown>, origin: string): Snippet[] {
  const { stream_options: _, ...shown } = body;
  const json = JSON.stringify(shown, null, 2);
  const streams = shown.stream === true;
  return [
    {
      id: "curl",
      label: "curl",
      code: [
        `curl ${origin}/v1/chat/completions`,
        `-H "Authorization: Bearer $${VARIABLE}"`,
        `-H 'Content-Type: application/json'`,
        `-d '${json.replaceAll("'", `'\\''`)}'`,
      ].join(" \\\n  "),
    },
    {
      id: "python",
      label: "Python",
      code: `import json
import os

from openai import OpenAI

client = OpenAI(base_url="${origin}/v1", api_key=os.environ["${VARIABLE}"])
request = json.loads(r"""${json.replaceAll('"""', "\\u0022\\u0022\\u0022")}""")
${
  streams
    ? `for chunk in client.chat.completions.create(**request):
    if chunk.choices:
        print(chunk.choices[0].delta.content or "", end="", flush=True)`
    : `answer = client.chat.completions.create(**request)
print(answer.choices[0].message.content)`
}
`,
    },
    {
      id: "node",
      label: "Node",
      code: `import OpenAI from "openai";

const client = new OpenAI({ baseURL: "${origin}/v1", apiKey: process.env.${VARIABLE} });
const request = ${json};
${
  streams
    ? `for await (const chunk of await client.chat.completions.create(request)) {
  process.stdout.write(chunk.choices[0]?.delta.content ?? "");
}`
    : `const answer = await client.chat.completions.create(request);
console.log(answer.choices[0].message.content);`
}
`,
    },
  ];
}
