import { createElement, type ReactNode } from "react";
import { Code } from "../../parts/text";
import { type Block, blocks, type Inline } from "./markdown";

/** An answer as its model meant it. Elements are made one by one: nothing that a model says becomes HTML. */
export function Markdown({ text }: { text: string }): ReactNode {
  return <div className="playground-markdown">{blocks(text).map(shown)}</div>;
}

function shown(block: Block, key: number): ReactNode {
  switch (block.kind) {
    case "paragraph":
      return <p key={key}>{block.inside.map(inline)}</p>;
    case "heading":
      // The page has its own headings above.
      return createElement(`h${Math.min(6, block.level + 3)}`, { key }, block.inside.map(inline));
    case "code":
      return (
        <div key={key} className="playground-code">
          {block.language && <span className="faint small mono">{block.language}</span>}
          <Code code={block.text} label={block.language ? `${block.language} code` : "Code"} />
        </div>
      );
    case "list": {
      const items = block.items.map((item, at) => (
        // biome-ignore lint/suspicious/noArrayIndexKey: items never change places
        <li key={at}>
          {item.length === 1 && item[0]?.kind === "paragraph" ? item[0].inside.map(inline) : item.map(shown)}
        </li>
      ));
      return block.ordered ? (
        <ol key={key} start={block.start}>
          {items}
        </ol>
      ) : (
        <ul key={key}>{items}</ul>
      );
    }
    case "quote":
      return <blockquote key={key}>{block.inside.map(shown)}</blockquote>;
    case "table":
      return (
        <div key={key} className="playground-table">
          <table>
            <thead>
              <tr>{block.head.map((cell, at) => cellOf("th", cell, at))}</tr>
            </thead>
            <tbody>
              {block.rows.map((row, at) => (
                // biome-ignore lint/suspicious/noArrayIndexKey: rows never change places
                <tr key={at}>{row.map((cell, at) => cellOf("td", cell, at))}</tr>
              ))}
            </tbody>
          </table>
        </div>
      );
    case "rule":
      return <hr key={key} />;
  }
}

function cellOf(tag: "th" | "td", cell: Inline[], key: number): ReactNode {
  return createElement(tag, { key }, cell.map(inline));
}

function inline(part: Inline, key: number): ReactNode {
  switch (part.kind) {
    case "text":
      return part.text;
    case "code":
      return <code key={key}>{part.text}</code>;
    case "link":
      return (
        <a key={key} href={part.href} target="_blank" rel="noopener noreferrer nofollow">
          {part.inside.map(inline)}
        </a>
      );
    default:
      return createElement(part.kind, { key }, part.inside.map(inline));
  }
}
