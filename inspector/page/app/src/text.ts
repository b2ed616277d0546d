// Text from outside, made visible: characters that move, hide or drive text become escapes. It is put into the page
// as text only, so markup in it is never read as markup.

const UNSAFE =
  "\\x00-\\x1f\\x7f-\\x9f\\xad\\u034f\\u061c\\u115f\\u1160\\u17b4\\u17b5\\u180b-\\u180f\\u200b\\u200e\\u200f" +
  "\\u2028-\\u202e\\u2060-\\u206f\\u3164\\ufeff\\uffa0\\ufff0-\\ufffb\\ufffe\\uffff" +
  "\\u{13430}-\\u{1343f}\\u{1bca0}-\\u{1bca3}\\u{1d173}-\\u{1d17a}\\u{e0000}-\\u{e0fff}\\ud800-\\udfff";

const ESCAPED = new RegExp(`[${UNSAFE}]`, "gu");
const ESCAPED_BUT_LINES = new RegExp(`(?![\\n\\t])[${UNSAFE}]`, "gu");
const SHORT: Record<string, string> = { "\n": "\\n", "\r": "\\r", "\t": "\\t", "\x1b": "\\e", "\0": "\\0" };

function escaped(char: string): string {
  const code = char.codePointAt(0)!;
  const short = SHORT[char];
  if (short) return short;
  if (code < 0x100) return "\\x" + code.toString(16).padStart(2, "0");
  return code < 0x10000 ? "\\u" + code.toString(16).padStart(4, "0") : `\\u{${code.toString(16)}}`;
}

/** Return the text on one line, with escapes. */
export function visible(text: string): string {
  return text.replace(ESCAPED, escaped);
}

/** Return the text as nodes: its lines and tabs stay, other escapes stand out. */
export function visibleNodes(text: string): Node[] {
  const nodes: Node[] = [];
  let at = 0;
  for (const match of text.matchAll(ESCAPED_BUT_LINES)) {
    if (match.index > at) nodes.push(document.createTextNode(text.slice(at, match.index)));
    const mark = document.createElement("i");
    mark.textContent = escaped(match[0]);
    nodes.push(mark);
    at = match.index + match[0].length;
  }
  nodes.push(document.createTextNode(text.slice(at)));
  return nodes;
}

export const count = (value: number): string => value.toLocaleString("en-US");

export function plural(value: number, word: string): string {
  return `${count(value)} ${word}${value === 1 ? "" : "s"}`;
}

export function size(bytes: number): string {
  if (bytes < 1000) return plural(bytes, "byte");
  return bytes < 1e6 ? `${(bytes / 1e3).toFixed(1)} kB` : `${(bytes / 1e6).toFixed(1)} MB`;
}

/** A length of time, in the unit that people would say. */
export function span(seconds: number): string {
  if (seconds < 0.9995) return `${Math.round(seconds * 1000)} ms`;
  if (seconds < 59.95) return `${seconds.toFixed(seconds < 10 ? 2 : 1)} s`;
  if (seconds < 3599.5) return `${Math.floor(Math.round(seconds) / 60)} m ${Math.round(seconds) % 60} s`;
  return `${Math.floor(seconds / 3600)} h ${Math.round((seconds % 3600) / 60)} m`;
}

/** A moment on the axis, as exact as a step of that many seconds needs. */
export function moment(seconds: number, step: number): string {
  if (step < 0.001) return `${(seconds * 1000).toFixed(step < 0.0001 ? 2 : 1)} ms`;
  if (step < 1 && seconds < 60) return `${seconds.toFixed(step < 0.01 ? 3 : step < 0.1 ? 2 : 1)} s`;
  if (seconds < 60 && step < 60) return `${Math.round(seconds)} s`;
  const digits = step < 0.01 ? 3 : step < 0.1 ? 2 : step < 1 ? 1 : 0;
  const rest = (seconds % 60).toFixed(digits).padStart(digits ? digits + 3 : 2, "0");
  const minutes = Math.floor(seconds / 60);
  return minutes < 60 ? `${minutes}:${rest}` : `${Math.floor(minutes / 60)}:${String(minutes % 60).padStart(2, "0")}:${rest}`;
}
