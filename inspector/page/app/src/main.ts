// The page of a report, put together from parts that share a store and do not know each other.

import { Compare, type Mode } from "./compare";
import { Detail } from "./detail";
import { byId, el } from "./dom";
import type { Finding, PageFacts } from "./facts";
import { Filter } from "./filter";
import { showHeader, sourceLine } from "./header";
import { handleKeys, showHelp } from "./keys";
import { Library } from "./library";
import { List } from "./list";
import { handlePrint, savePicture } from "./paper";
import { Player } from "./player";
import { keepAddress, lineOf, selectFinding, selectFirst } from "./selection";
import { Store } from "./store";
import { visible } from "./text";
import type { Texts } from "./texts";
import { restoreTheme, switchTheme } from "./theme";
import { Waterfall } from "./waterfall";

const page = JSON.parse(byId("facts").textContent ?? "{}") as PageFacts;
const library = new Library(page.recordings);
const MODES: [Mode, string][] = [["one", "one"], ["stacked", "side by side"], ["overlaid", "laid over each other"]];

async function start(): Promise<void> {
  const store = new Store({ recording: await library.get(0), selected: -1, from: 0, to: Infinity, playhead: NaN });
  const texts = (): Texts => library.texts(store.now.recording);
  const goTo = (finding: Finding): void => {
    detail.showEvent();
    store.set({ selected: lineOf(finding, store.now.recording) });
  };
  const waterfall = new Waterfall(store, goTo);
  const list = new List(store);
  const detail = new Detail(store, texts, goTo);
  const filter = new Filter(store, texts, (lines) => list.show(lines));
  const player = new Player(store, () => detail.show("So far"));
  const compare = new Compare((index, line) => void open(index, line));
  let current = 0;
  let mode: Mode = "one";

  async function open(index: number, line = -1): Promise<void> {
    if (!library.facts[index]) return;
    current = index;
    const recording = await library.get(index);
    if (store.now.recording !== recording) store.set({ recording, selected: -1, from: 0, to: Infinity, playhead: NaN });
    showFacts();
    if (line >= 0) store.set({ selected: line });
    else selectFirst(store);
    if (await library.readLines(index)) store.grew();
    readInIdleTime(library.texts(recording));
    await showMode(mode);
  }

  function showFacts(): void {
    const { facts } = store.now.recording;
    document.title = `${facts.name} · inspector`;
    document.body.classList.toggle("plain", !facts.events);
    byId("source").replaceChildren(...chooser(), ...sourceLine(facts));
    showHeader(facts, (severity) => {
      goTo(facts.findings.find((finding) => finding.severity === severity)!);
      detail.show("Findings");
    });
    filter.renew();
  }

  function chooser(): HTMLElement[] {
    const names = library.facts.map(({ name }) => visible(name));
    if (names.length < 2) return [el("b", {}, names[0] ?? "")];
    const choice = el("select", { attrs: { "aria-label": "Recording" } });
    choice.append(...names.map((name, i) => el("option", { selected: i === current }, `${i + 1}/${names.length} ${name}`)));
    choice.onchange = () => void open(choice.selectedIndex);
    const modes = el("select", { attrs: { "aria-label": "How to show the recordings" } });
    modes.append(...MODES.map(([value, name]) => el("option", { value, selected: value === mode }, name)));
    modes.onchange = () => void showMode(modes.value as Mode);
    const left = page.omitted ? el("span", {}, `${page.omitted} more are not in this page`) : "";
    return [choice, modes, ...(left ? [left] : [])];
  }

  async function showMode(chosen: Mode): Promise<void> {
    mode = chosen;
    byId("waterfall").hidden = mode !== "one";
    compare.show(mode === "one" ? [] : await library.all(), mode, current);
  }

  const theme = (): void => {
    switchTheme();
    redraw();
  };
  const redraw = (): void => {
    waterfall.redraw();
    compare.redraw();
    detail.refresh();
  };
  const button = (text: string, title: string, onclick: () => void): HTMLElement => el("button", { textContent: text, title, onclick });
  byId("tools").append(
    button("Theme", "Dark or light (t)", theme),
    button("Save picture", "Save the waterfall as a PNG file", () => savePicture(waterfall.render(2), store.now.recording.facts.name)),
    button("?", "Keys (?)", showHelp),
  );
  restoreTheme(redraw);
  handlePrint(waterfall);
  handleKeys({
    ...Object.fromEntries(["j", "k", "ArrowDown", "ArrowUp"].map((key) => [key, () => list.onKey(key)])),
    ...Object.fromEntries(["+", "=", "-", "0", "ArrowLeft", "ArrowRight"].map((key) => [key, () => waterfall.onKey(key)])),
    "/": () => filter.input.focus(),
    " ": () => player.toggle(),
    "?": showHelp,
    t: theme,
    n: () => selectFinding(store, 1),
    N: () => selectFinding(store, -1),
    "[": () => void open(current - 1),
    "]": () => void open(current + 1),
  });
  keepAddress(store);
  addEventListener("hashchange", () => selectFirst(store));
  await open(0);
}

function readInIdleTime(texts: Texts): void {
  const slice = (): void => {
    texts.read(Infinity, performance.now() + 8);
    if (!texts.ready) setTimeout(slice, 4);
  };
  setTimeout(slice, 50);
}

void start();
