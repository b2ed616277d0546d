// Long things are cut, and say so: a button shows the rest.

import { el, type Child } from "./dom";
import { pretty } from "./json";
import { count, visible, visibleNodes } from "./text";

export const LIMIT = 20_000;

/** Return the text, its first or last part only if it is long. */
export function clippedText(text: string, keep: "start" | "end" = "start", limit = LIMIT): Child[] {
  if (text.length <= limit) return visibleNodes(text);
  const part = el("span", {}, ...visibleNodes(keep === "start" ? text.slice(0, limit) : text.slice(-limit)));
  const button = el("button", { textContent: `Show all ${count(text.length)} characters` });
  button.onclick = () => {
    part.replaceChildren(...visibleNodes(text));
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
      nodes.push(kind ? el("span", { className: kind }, visible(shown)) : shown);
      length += piece.length;
    }
    box.replaceChildren(...(nodes as Node[]));
    if (length <= most) return;
    box.append("\n… ", el("button", { textContent: `Show all ${count(text.length)} characters`, onclick: () => fill(Infinity) }));
  };
  fill(limit);
  return box;
}
