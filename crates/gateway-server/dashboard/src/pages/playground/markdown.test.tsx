import { renderToStaticMarkup } from "react-dom/server";
import { describe, expect, it } from "vitest";
import { Markdown } from "./Markdown";
import { type Block, blocks } from "./markdown";

const html = (text: string) => renderToStaticMarkup(<Markdown text={text} />);
const kinds = (text: string) => blocks(text).map((block) => block.kind);

describe("markdown", () => {
  it("reads what models write", () => {
    const text =
      "# Title\n\nA *short* **answer**:\n\n1. one\n2. two\n   - nested\n\n> quoted\n\n```rust\nfn main() {}\n```\n\n---\n";
    expect(kinds(text)).toEqual(["heading", "paragraph", "list", "quote", "code", "rule"]);
    const shown = html(text);
    for (const part of [
      "<em>short</em>",
      "<strong>answer</strong>",
      "<ol",
      "<ul><li>nested</li></ul>",
      "<blockquote>",
      "fn main() {}",
    ]) {
      expect(shown).toContain(part);
    }
  });

  it("reads tables and links", () => {
    const shown = html(
      "| a | b |\n|---|:-:|\n| 1 | `x` |\n\nSee [docs](https://example.com/a_b) or https://example.com/c.",
    );
    expect(shown).toContain("<th>a</th><th>b</th>");
    expect(shown).toContain("<td><code>x</code></td>");
    expect(shown).toContain('href="https://example.com/a_b"');
    expect(shown).toContain(">https://example.com/c</a>.");
  });

  it("shows a block of code that has not ended yet", () => {
    const [, code] = blocks("Here:\n```python\nprint(1)") as [Block, Block];
    expect(code).toEqual({ kind: "code", language: "python", text: "print(1)" });
  });

  it("leaves words with underscores and stars alone", () => {
    expect(html("snake_case_name and 2 * 3 * 4")).toBe(
      '<div class="playground-markdown"><p>snake_case_name and 2 * 3 * 4</p></div>',
    );
  });
});

describe("never makes HTML of text", () => {
  const nasty = [
    "<script>alert(1)</script>",
    '<img src=x onerror="alert(1)">',
    "[x](javascript:alert(1))",
    "[x](data:text/html,<script>1</script>)",
    "**<b onclick=1>**",
    "`<i>`",
    "```<u>\n</code></pre><script>1</script>\n```",
    "| <a> | <b> |\n|---|---|\n| <c> | <d> |",
    '[a](https://e.com/"onmouseover="alert(1))',
    "https://e.com/<script>",
    "&lt;script&gt;",
    "# <h1>\n> <p>\n- <li>",
  ];
  const ALLOWED =
    /^<\/?(div|p|h[4-6]|strong|em|del|code|pre|span|a|ol|ul|li|blockquote|table|thead|tbody|tr|th|td|hr|button|svg|path)\b/;

  it.each(nasty)("%s", (text) => {
    const shown = html(text);
    for (const tag of shown.match(/<[^>]*>?/g) ?? []) expect(tag).toMatch(ALLOWED);
    expect(shown).not.toMatch(/<script|<img|<i>|<u>|<b\b|javascript:[^<]*"|href="(?!https?:|mailto:)/i);
    expect(shown).not.toMatch(/<[^>]*\son\w+=/i);
  });

  it("ends for whatever is put together of marks, in time that grows with it", () => {
    const marks = ["*", "_", "`", "~~", "[", "](", ")", "|", "-", "\n", "> ", "1. ", "```", "<", "a", " ", "\\"];
    let seed = 7;
    const lot = () => {
      seed = (seed * 1103515245 + 12345) % 2147483648;
      return marks[seed % marks.length] ?? "";
    };
    for (let round = 0; round < 300; round += 1) {
      const text = Array.from({ length: 60 }, lot).join("");
      for (const tag of html(text).match(/<[^>]*>?/g) ?? []) expect(tag, text).toMatch(ALLOWED);
    }
  });
});
