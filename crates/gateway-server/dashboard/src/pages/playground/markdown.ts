// Markdown, as far as models write it, read into a tree. There is no HTML in it: what looks like a tag is text.

export type Inline =
  | { kind: "text" | "code"; text: string }
  | { kind: "strong" | "em" | "del"; inside: Inline[] }
  | { kind: "link"; href: string; inside: Inline[] };

export type Block =
  | { kind: "paragraph"; inside: Inline[] }
  | { kind: "heading"; level: number; inside: Inline[] }
  | { kind: "code"; language: string; text: string }
  | { kind: "list"; ordered: boolean; start: number; items: Block[][] }
  | { kind: "quote"; inside: Block[] }
  | { kind: "table"; head: Inline[][]; rows: Inline[][][] }
  | { kind: "rule" };

/** How deep lists and quotes may be nested: beyond that they are text. */
const DEEPEST = 8;

/** Reads a text that may not be at its end yet: an open block of code goes on to the end. */
export function blocks(text: string): Block[] {
  return read(text.replace(/\r\n?/g, "\n").split("\n"), 0);
}

const FENCE = /^( {0,3})(`{3,}|~{3,})\s*([^\s`]*)[^`]*$/;
const ITEM = /^( {0,3})(?:([-*+])|(\d{1,9})[.)])(?:\s+(.*)|)$/;
const TABLE_RULE = /^\s*\|?\s*:?-+:?\s*(\|\s*:?-+:?\s*)*\|?\s*$/;

function read(lines: string[], depth: number): Block[] {
  const found: Block[] = [];
  let at = 0;
  while (at < lines.length) {
    const line = lines[at] ?? "";
    const fence = FENCE.exec(line);
    const heading = /^ {0,3}(#{1,6})\s+(.*?)\s*#*\s*$/.exec(line);
    if (!line.trim()) {
      at += 1;
    } else if (fence) {
      const end = closing(lines, at + 1, fence[2] ?? "```");
      const indent = fence[1]?.length ?? 0;
      const inside = lines.slice(at + 1, end).map((code) => code.replace(new RegExp(`^ {0,${indent}}`), ""));
      found.push({ kind: "code", language: fence[3] ?? "", text: inside.join("\n") });
      at = end + 1;
    } else if (heading) {
      found.push({ kind: "heading", level: heading[1]?.length ?? 1, inside: inlines(heading[2] ?? "") });
      at += 1;
    } else if (/^ {0,3}([-*_])(\s*\1){2,}\s*$/.test(line)) {
      found.push({ kind: "rule" });
      at += 1;
    } else if (depth < DEEPEST && /^ {0,3}>/.test(line)) {
      const end = until(lines, at, (next) => /^ {0,3}>/.test(next));
      const inside = lines.slice(at, end).map((quoted) => quoted.replace(/^ {0,3}> ?/, ""));
      found.push({ kind: "quote", inside: read(inside, depth + 1) });
      at = end;
    } else if (depth < DEEPEST && ITEM.test(line)) {
      const [list, end] = readList(lines, at, depth);
      found.push(list);
      at = end;
    } else if (line.includes("|") && TABLE_RULE.test(lines[at + 1] ?? "") && (lines[at + 1] ?? "").includes("-")) {
      const end = until(lines, at + 2, (next) => next.includes("|"));
      found.push({ kind: "table", head: cells(line), rows: lines.slice(at + 2, end).map(cells) });
      at = end;
    } else {
      const end = until(lines, at + 1, (next) => !interrupts(next));
      found.push({ kind: "paragraph", inside: inlines(lines.slice(at, end).join("\n")) });
      at = end;
    }
  }
  return found;
}

/** Whether a line ends a paragraph. */
function interrupts(line: string): boolean {
  return !line.trim() || FENCE.test(line) || /^ {0,3}(#{1,6}\s|>)/.test(line) || ITEM.test(line);
}

function until(lines: string[], from: number, belongs: (line: string) => boolean): number {
  let at = from;
  while (at < lines.length && belongs(lines[at] ?? "")) at += 1;
  return at;
}

function closing(lines: string[], from: number, fence: string): number {
  const closes = (line: string) => {
    const text = line.trim();
    return text.length >= fence.length && [...text].every((character) => character === fence[0]);
  };
  return until(lines, from, (line) => !closes(line));
}

function readList(lines: string[], from: number, depth: number): [Block, number] {
  const first = ITEM.exec(lines[from] ?? "");
  const ordered = first?.[3] !== undefined;
  const items: Block[][] = [];
  let at = from;
  while (at < lines.length) {
    const item = ITEM.exec(lines[at] ?? "");
    if (!item || (item[3] !== undefined) !== ordered) break;
    const body = [item[4] ?? ""];
    const indent = (lines[at] ?? "").length - (item[4] ?? "").length;
    at += 1;
    // What is indented belongs to the item, blank lines between included, and so does a paragraph that goes on.
    while (at < lines.length) {
      const line = lines[at] ?? "";
      const inside = /^\s*/.exec(line)?.[0].length ?? 0;
      const goesOn = line.trim() ? inside >= Math.min(indent, 2) : isIndented(lines[at + 1]);
      if (!goesOn && (interrupts(line) || body.at(-1) === "")) break;
      body.push(line.slice(Math.min(inside, indent)));
      at += 1;
    }
    items.push(read(body, depth + 1));
    const next = until(lines, at, (line) => !line.trim());
    if (ITEM.test(lines[next] ?? "")) at = next;
  }
  return [{ kind: "list", ordered, start: Number(first?.[3] ?? 1), items }, at];
}

function isIndented(line: string | undefined): boolean {
  return line !== undefined && /^ {2,}\S/.test(line);
}

function cells(line: string): Inline[][] {
  const inside = line.trim().replace(/^\|/, "").replace(/\|$/, "");
  return inside.split(/(?<!\\)\|/).map((cell) => inlines(cell.trim().replace(/\\\|/g, "|")));
}

const INLINE =
  /(`+)([\s\S]*?[^`])\1(?!`)|\*\*(?=\S)([\s\S]*?\S)\*\*|__(?=\S)([\s\S]*?\S)__(?!\w)|~~(?=\S)([\s\S]*?\S)~~|\*(?=\S)([^*\n]*?[^\s*])\*|(?<!\w)_(?=\S)([^_\n]*?[^\s_])_(?!\w)|\[([^\]\n]*)\]\(\s*([^()\s]*(?:\([^()\s]*\)[^()\s]*)*)(?:\s+"[^"]*")?\s*\)|(https?:\/\/[^\s<>()]*[^\s<>().,;:!?'"])|\\([!-/:-@[-`{-~])/;

/** What stands within a line. */
export function inlines(text: string, depth = 0): Inline[] {
  const found: Inline[] = [];
  const add = (inline: Inline) => {
    const last = found.at(-1);
    if (inline.kind === "text" && last?.kind === "text") last.text += inline.text;
    else if (inline.kind !== "text" || inline.text) found.push(inline);
  };
  let rest = text;
  while (rest) {
    const match = depth < DEEPEST ? INLINE.exec(rest) : null;
    if (!match) {
      add({ kind: "text", text: rest });
      break;
    }
    add({ kind: "text", text: rest.slice(0, match.index) });
    add(inline(match, depth));
    rest = rest.slice(match.index + match[0].length);
  }
  return found;
}

function inline(match: RegExpExecArray, depth: number): Inline {
  const [whole, , code, strong, strong2, del, em, em2, label, target, bare, escaped] = match;
  const inside = (text: string) => inlines(text, depth + 1);
  if (code !== undefined) return { kind: "code", text: code.trim() || code };
  if (strong ?? strong2) return { kind: "strong", inside: inside(strong ?? strong2 ?? "") };
  if (del !== undefined) return { kind: "del", inside: inside(del) };
  if (em ?? em2) return { kind: "em", inside: inside(em ?? em2 ?? "") };
  if (bare !== undefined) return { kind: "link", href: bare, inside: [{ kind: "text", text: bare }] };
  if (escaped !== undefined) return { kind: "text", text: escaped };
  // A link that leads elsewhere than to the web stays text, so that it can be seen for what it is.
  if (target !== undefined && /^(https?:\/\/|mailto:)/i.test(target)) {
    return { kind: "link", href: target, inside: inside(label || target) };
  }
  return { kind: "text", text: whole };
}
