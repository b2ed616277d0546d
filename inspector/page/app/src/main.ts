// The page of a report: put together here, from parts that share a store and do not know each other.

import { unpacked } from "./decode";
import { Detail } from "./detail";
import { byId, el } from "./dom";
import type { Facts, Finding, PageFacts } from "./facts";
import { Filter } from "./filter";
import { showHeader, sourceLine } from "./header";
import { handleKeys, showHelp } from "./keys";
import { List } from "./list";
import { handlePrint, savePicture } from "./paper";
import { Player } from "./player";
import { Recording } from "./recording";
import { Store } from "./store";
import { restoreTheme, switchTheme } from "./theme";
import { Texts } from "./texts";
import { visible } from "./text";
import { Waterfall } from "./waterfall";

const page = JSON.parse(byId("facts").textContent ?? "{}") as PageFacts;
const readings = new Map<Recording, Texts>();
const loaded: (Recording | undefined)[] = [];

function textsOf(recording: Recording): Texts {
  let texts = readings.get(recording);
  if (!texts) readings.set(recording, (texts = new Texts(recording)));
  return texts;
}

/** Return a recording with its columns; its body comes later. */
async function columnsOf(index: number): Promise<Recording> {
  return (loaded[index] ??= new Recording(page.recordings[index]!, await unpacked(`columns-${index}`)));
}

async function start(): Promise<void> {
  const store = new Store({ recording: await columnsOf(0), selected: -1, from: 0, to: Infinity, playhead: NaN, compare: "" });
  const texts = (): Texts => textsOf(store.now.recording);
  const goTo = (finding: Finding): void => {
    const { recording } = store.now;
    detail.showEvent();
    store.set({ selected: finding.line ?? recording.count - 1 });
  };
  const waterfall = new Waterfall(store, texts, goTo);
  const list = new List(store);
  const detail = new Detail(store, texts, goTo);
  const filter = new Filter(byId("filter"), () => store.now.recording, texts, (lines) => list.show(lines), (event) => {
    const line = store.now.recording.lineOfEvent(event);
    if (line >= 0) store.set({ selected: line });
    return line >= 0;
  });
  const player = new Player(store, () => detail.show("So far"));

  let current = 0;
  async function open(index: number): Promise<void> {
    current = index;
    const recording = await columnsOf(index);
    if (store.now.recording !== recording) store.set({ recording, selected: -1, from: 0, to: Infinity });
    showAll(recording.facts);
    if (!recording.body.length) {
      recording.body = (await unpacked(`lines-${index}`)) as Uint8Array<ArrayBuffer>;
      if (store.now.recording === recording) store.grew();
    }
    readInIdleTime(textsOf(recording));
  }

  function showAll(facts: Facts): void {
    document.title = `${facts.name} · inspector`;
    document.body.classList.toggle("plain", !facts.events);
    byId("source").replaceChildren(chooser(), ...sourceLine(facts));
    showHeader(facts, (severity) => {
      detail.show("Findings");
      goTo(facts.findings.find((finding) => finding.severity === severity)!);
      detail.show("Findings");
    });
    filter.renew();
    select(store.now.recording);
  }

  function chooser(): HTMLElement {
    const names = page.recordings.map(({ name }) => visible(name));
    if (names.length < 2) return el("b", {}, names[0] ?? "");
    const choice = el("select", { onchange: () => void open(choice.selectedIndex), attrs: { "aria-label": "Recording" } });
    choice.append(...names.map((name, i) => el("option", { selected: i === current }, `${i + 1}/${names.length} ${name}`)));
    return choice;
  }

  /** Select what the address names, else the worst finding, else nothing. */
  function select(recording: Recording): void {
    const wanted = /^#(ev|line)=(\d+)$/.exec(location.hash);
    const line = wanted?.[1] === "ev" ? recording.lineOfEvent(Number(wanted[2])) : Number(wanted?.[2] ?? -1);
    const rank = (finding: Finding): number => ["error", "warning", "info"].indexOf(finding.severity);
    const worst = [...recording.facts.findings].sort((a, b) => rank(a) - rank(b))[0];
    if (line >= 0 && line < recording.count) store.set({ selected: line });
    else if (store.now.selected < 0 && recording.count) store.set({ selected: worst ? (worst.line ?? recording.count - 1) : 0 });
  }

  store.on((changed) => {
    const { recording, selected, playhead } = store.now;
    if (!changed("selected") || selected < 0 || !Number.isNaN(playhead)) return;
    const number = recording.numbers[selected]!;
    history.replaceState?.(null, "", recording.lineOfEvent(number) === selected ? `#ev=${number}` : `#line=${selected}`);
  });
  addEventListener("hashchange", () => select(store.now.recording));

  const button = (text: string, title: string, onclick: () => void): HTMLElement => el("button", { textContent: text, title, onclick });
  const theme = (): void => {
    switchTheme();
    waterfall.redraw();
  };
  byId("tools").append(
    button("Theme", "Dark or light (t)", theme),
    button("Save picture", "Save the waterfall as a PNG file", () => savePicture(waterfall.render(2), store.now.recording.facts.name)),
    button("?", "Keys (?)", showHelp),
  );
  restoreTheme(() => waterfall.redraw());
  handlePrint(waterfall);
  const step = (by: number): void => {
    const lines = [...new Set(store.now.recording.facts.findings.map(({ line }) => line ?? store.now.recording.count - 1))].sort((a, b) => a - b);
    const next = by > 0 ? lines.find((line) => line > store.now.selected) : lines.filter((line) => line < store.now.selected).at(-1);
    if (next !== undefined) store.set({ selected: next });
  };
  const other = (by: number): void => {
    const index = current + by;
    if (page.recordings[index]) void open(index);
  };
  const keys = ["j", "k", "ArrowDown", "ArrowUp"].map((key) => [key, () => void list.onKey(key)] as const);
  handleKeys({
    ...Object.fromEntries(keys),
    "/": () => filter.input.focus(),
    " ": () => player.toggle(),
    "?": showHelp,
    t: theme,
    n: () => step(1),
    N: () => step(-1),
    "[": () => other(-1),
    "]": () => other(1),
  });
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
