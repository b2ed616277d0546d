// Where the page begins: reads its facts, and gives keys and buttons their actions.

import { byId, el } from "./dom";
import type { PageFacts } from "./facts";
import { handleKeys, showHelp } from "./keys";
import { Library } from "./library";
import { connect } from "./live";
import { liveHandler } from "./live-pages";
import { Page } from "./page";
import { handlePrint, savePicture } from "./paper";
import { learnPatience } from "./patience";
import { nothingYet } from "./recording";
import { keepAddress, selectFinding } from "./selection";
import { restoreTheme } from "./theme";

async function start(): Promise<void> {
  const facts = JSON.parse(byId("facts").textContent ?? "{}") as PageFacts;
  learnPatience(facts);
  const library = new Library(facts.recordings);
  const page = new Page(facts, facts.recordings.length ? await library.get(0) : nothingYet(), library);
  addTools(page);
  addKeys(page);
  restoreTheme(() => page.redraw());
  handlePrint(page);
  keepAddress(page.store);
  await page.open(0);
  if (facts.live) connect(liveHandler(library, page));
}

function addTools(page: Page): void {
  const button = (textContent: string, title: string, onclick: () => void): HTMLElement => el("button", { textContent, title, onclick });
  byId("tools").append(
    button("Theme", "Dark or light (t)", () => page.switchTheme()),
    button("Save picture", "Save the waterfall as a PNG file", () => savePicture(page)),
    button("?", "Keys (?)", showHelp),
  );
}

function addKeys(page: Page): void {
  const each = (keys: string[], act: (key: string) => void) => Object.fromEntries(keys.map((key) => [key, () => act(key)]));
  handleKeys({
    ...each(["j", "k", "ArrowDown", "ArrowUp"], (key) => page.list.onKey(key)),
    ...each(["+", "=", "-", "0", "ArrowLeft", "ArrowRight"], (key) => page.onTimeKey(key)),
    "/": () => page.filter.input.focus(),
    " ": () => page.player.toggle(),
    "?": showHelp,
    t: () => page.switchTheme(),
    n: () => selectFinding(page.store, 1),
    N: () => selectFinding(page.store, -1),
    "[": () => page.step(-1),
    "]": () => page.step(1),
  });
}

void start();
