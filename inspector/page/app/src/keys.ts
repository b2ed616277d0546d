// Keys that work anywhere on the page, and the help that lists all of them.

import { el } from "./dom";

const HELP: [string, string][] = [
  ["j k  ↓ ↑", "next, previous event"],
  ["Page Up  Page Down  Home  End", "far through the events (in the list)"],
  ["/", "filter"],
  ["Space", "play, pause"],
  ["n  N", "next, previous finding"],
  ["+  −  0", "zoom in, out, show all"],
  ["← →", "move in time"],
  ["[  ]", "previous, next recording"],
  ["t", "dark or light"],
  ["?", "these keys"],
];

export type Actions = Record<string, () => void>;

/** Run the action of a key, unless the key belongs to the element that has the focus. */
export function handleKeys(actions: Actions): void {
  addEventListener("keydown", (event) => {
    const target = event.target as HTMLElement;
    if (event.defaultPrevented || event.ctrlKey || event.metaKey || event.altKey) return;
    if (target.matches("input:not([type=range]), select, textarea") || document.querySelector("dialog[open]")) return;
    if (event.key === " " && target.matches("button, summary, a")) return;
    if (event.key.startsWith("Arrow") && target.matches("input")) return;
    const action = actions[event.key];
    if (!action) return;
    event.preventDefault();
    action();
  });
}

export function showHelp(): void {
  const rows = HELP.map(([keys, what]) => el("tr", {}, el("td", {}, ...kbd(keys)), el("td", {}, what)));
  const close = el("button", { textContent: "Close", onclick: () => dialog.close() });
  const dialog = el("dialog", { attrs: { "aria-label": "Keys" } }, el("h2", {}, "Keys"), el("table", {}, el("tbody", {}, ...rows)), close);
  dialog.addEventListener("close", () => dialog.remove());
  document.body.append(dialog);
  dialog.showModal();
}

const kbd = (keys: string): Node[] => keys.split("  ").map((key) => el("kbd", {}, key));
