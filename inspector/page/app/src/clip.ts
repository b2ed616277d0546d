// Long things are cut, and say so: a button shows the rest.

import { el, type Child } from "./dom";
import { pretty } from "./json";
import { count, visible, visibleNodes } from "./text";

export const LIMIT = 20_000;
const CHUNK = 4000;

/** Return nodes for text of any length. Browsers lay out long text in pieces, and only those in view. */
export function longNodes(text: string): Node[] {
  if (text.length <= LIMIT) return visibleNodes(text);
  const nodes: Node[] = [];
  for (let at = 0, end = 0; at < text.length; at = end) {
    const newline = text.lastIndexOf("\n", at + CHUNK);
    end = newline > at ? newline + 1 : at + CHUNK;
    nodes.push(el("div", { className: "chunk" }, ...visibleNodes(text.slice(at, end).replace(/\n$/, ""))));
  }
  return nodes;
}

/** Return the text, its first or last part only if it is long. */
export function clippedText(text: string, keep: "start" | "end" = "start", limit = LIMIT): Child[] {
  if (text.length <= limit) return visibleNodes(text);
  const part = el("span", {}, ...visibleNodes(keep === "start" ? text.slice(0, limit) : text.slice(-limit)));
  const button = el("button", { textContent: `Show all ${count(text.length)} characters` });
  button.onclick = () => {
    part.replaceChildren(...longNodes(text));
    button.remove();
  };
  return keep === "start" ? [part, "… ", button] : [button, " …", part];
}

/** Return JSON on several lines, in its own spelling. */
export function jsonNodes(text: string, limit = LIMIT): Node {
  const box = el("pre", {});
  const fill = (most: number): void => {
    const nodes: Child[] = [];
    let length = 0;
    for (const { text: piece, kind } of pretty(text)) {
      if (length > most) break;
      const shown = piece.length > most ? `${piece.slice(0, most)}…` : piece;
      nodes.push(kind ? el("span", { className: kind }, ...longNodes(visible(shown))) : shown);
      length += piece.length;
    }
    box.replaceChildren(...(nodes as Node[]));
    if (length <= most) return;
    box.append("\n… ", el("button", { textContent: `Show all ${count(text.length)} characters`, onclick: () => fill(Infinity) }));
  };
  fill(limit);
  return box;
}
