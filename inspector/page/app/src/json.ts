// JSON as it is spelled. Numbers, escapes, padding and double keys stay as they stand in the text, which
// `JSON.parse` would lose. Nothing here recurses: depth is a stranger's choice.

/** `kind`: s(tring), k(ey), n(umber, true, false, null), p(unctuation). */
export interface Token {
  kind: "s" | "k" | "n" | "p";
  start: number;
  end: number;
}

// A browser's engine takes a place on a stack for each turn of a loop over alternatives, so a pattern such as
// `"(?:[^"\\]|\\.)*"` breaks on a string of some megabytes. The end of a string is searched by hand instead.
const SPACE = /\s*/y;
const WORD = /[^\s"{}[\],:]+/y;

/** Return where the string that begins at `start` ends: behind its closing quote, or at the end of the text. */
export function stringEnd(text: string, start: number): number {
  for (let at = start + 1; ; at++) {
    at = text.indexOf('"', at);
    if (at < 0) return text.length;
    let before = at;
    while (text[before - 1] === "\\" && before - 1 > start) before--;
    if ((at - before) % 2 === 0) return at + 1;
  }
}

/** Yield the tokens of a JSON text. What is not JSON comes out as odd tokens, never as an error. */
export function* tokens(text: string): Generator<Token> {
  for (let at = skip(SPACE, text, 0); at < text.length; at = skip(SPACE, text, at)) {
    const start = at;
    const first = text[start]!;
    if (first === '"') {
      at = stringEnd(text, start);
      yield { kind: followedByColon(text, at) ? "k" : "s", start, end: at };
    } else if ("{}[],:".includes(first)) {
      yield { kind: "p", start, end: ++at };
    } else {
      at = skip(WORD, text, start);
      yield { kind: "n", start, end: at };
    }
  }
}

/** Return where a pattern that begins at `at` ends. */
function skip(pattern: RegExp, text: string, at: number): number {
  pattern.lastIndex = at;
  pattern.exec(text);
  return pattern.lastIndex;
}

function followedByColon(text: string, at: number): boolean {
  while (at < text.length && text.charCodeAt(at) <= 32) at++;
  return text[at] === ":";
}

/** Return the members of an object, as spelled: the text of each value, by its key. */
export function members(text: string): Map<string, string> {
  const found = new Map<string, string>();
  let depth = 0;
  let key: string | undefined;
  let start = -1;
  for (const token of tokens(text)) {
    const mark = token.kind === "p" ? text[token.start]! : "";
    if (mark === "}" || mark === "]") depth--;
    if (depth === 1 && token.kind === "k") {
      key = parsed(text.slice(token.start, token.end)) as string;
      start = -1;
    } else if (depth === 1 && key !== undefined && mark !== ":" && mark !== ",") {
      if (start < 0) start = token.start;
      if (mark !== "{" && mark !== "[") found.set(key, text.slice(start, token.end));
    }
    if (mark === "{" || mark === "[") depth++;
  }
  return found;
}

/** Return the value of a JSON text, or undefined if it is none. */
export function parsed(text: string | undefined): unknown {
  if (text === undefined) return undefined;
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

export interface Piece {
  text: string;
  kind: Token["kind"] | "";
}

const MAX_INDENT = 40;

/** Yield the text on several lines with its tokens' kinds. The tokens keep their spelling. */
export function* pretty(text: string): Generator<Piece> {
  let depth = 0;
  let opened = false;
  const line = (): Piece => ({ text: "\n" + "  ".repeat(Math.min(depth, MAX_INDENT)), kind: "" });
  for (const { kind, start, end } of tokens(text)) {
    const token = text.slice(start, end);
    const closes = token === "}" || token === "]";
    if (kind === "p" && closes) depth = Math.max(0, depth - 1);
    if (opened !== (kind === "p" && closes)) if (opened || closes) yield line();
    opened = kind === "p" && (token === "{" || token === "[");
    yield { text: token, kind };
    if (opened) depth++;
    else if (token === ",") yield line();
    else if (token === ":") yield { text: " ", kind: "" };
  }
}
