// The page as a whole: which recording is open, and how. Its parts share a store and do not know each other.

import { Compare, type Mode } from "./compare";
import { Detail } from "./detail";
import { byId, el, nextFrame } from "./dom";
import { type Finding, isNothing, type PageFacts } from "./facts";
import { Filter } from "./filter";
import { showHeader, sourceLine } from "./header";
import { Library } from "./library";
import { List } from "./list";
import type { LivePage } from "./live-pages";
import { Player } from "./player";
import type { Recording } from "./recording";
import { lineOf, selectFirst } from "./selection";
import { Store } from "./store";
import { visible } from "./text";
import type { Texts } from "./texts";
import { switchTheme } from "./theme";
import { Waterfall } from "./waterfall";

const MODES: [Mode, string][] = [["one", "one at a time"], ["stacked", "below each other"], ["overlaid", "laid over each other"]];

export class Page implements LivePage {
  readonly store: Store;
  readonly library: Library;
  readonly waterfall: Waterfall;
  readonly list: List;
  readonly filter: Filter;
  readonly player: Player;
  #detail: Detail;
  #compare = new Compare((index, line) => void this.open(index, line));
  #current = 0;
  #mode: Mode = "one";
  /** Live: open each recording when it begins. Until somebody chooses one. */
  #follows = true;
  #status = "";

  constructor(private facts: PageFacts, first: Recording, library: Library) {
    this.library = library;
    this.store = new Store({ recording: first, version: 0, selected: -1, from: 0, to: Infinity, playhead: NaN });
    const texts = (): Texts => library.texts(this.store.now.recording);
    this.waterfall = new Waterfall(this.store, (finding) => this.#goTo(finding));
    this.list = new List(this.store);
    this.#detail = new Detail(this.store, texts, (finding) => this.#goTo(finding));
    this.filter = new Filter(this.store, texts, (lines) => this.list.show(lines));
    this.player = new Player(this.store, () => this.#detail.show("So far"));
  }

  /** Open the recording at this place, and select a line of it. */
  async open(index: number, line = -1): Promise<void> {
    if (!this.library.facts[index]) return this.#showFacts();
    this.#current = index;
    const recording = await this.library.get(index);
    if (this.#current !== index) return; // somebody was faster
    this.#seen = recording.count;
    const { store } = this;
    if (store.now.recording !== recording) store.set({ recording, selected: -1, from: 0, to: Infinity, playhead: NaN });
    this.#showFacts();
    if (line >= 0) store.set({ selected: line });
    else selectFirst(store);
    if (await this.library.readLines(index)) this.#grew();
    readInIdleTime(this.library.texts(recording));
    await this.#show(this.#mode);
  }

  /** Open the next recording, or the one before. */
  step(by: number): void {
    this.#follows = false;
    void this.open(this.#current + by);
  }

  /** Zoom and move in time by a key. */
  onTimeKey(key: string): void {
    (this.#mode === "one" ? this.waterfall : this.#compare).onKey(key);
  }

  switchTheme(): void {
    switchTheme();
    this.redraw();
  }

  /** Return what is drawn over time, on a canvas of its own; nothing for a body that is no stream. */
  picture(ratio: number): HTMLCanvasElement | undefined {
    if (this.#mode !== "one") return this.#compare.render(ratio);
    return byId("waterfall").clientWidth ? this.waterfall.render(ratio) : undefined;
  }

  redraw(): void {
    this.waterfall.redraw();
    this.#compare.redraw();
    this.#detail.refresh();
  }

  listed(newest?: number): void {
    const index = this.library.indexOf(this.store.now.recording);
    if (newest !== undefined && (this.#follows || index < 0)) void this.open(newest);
    else if (index < 0) void this.open(this.library.facts.length - 1);
    else this.#current = index;
    this.#showSource();
  }

  changed(index: number, facts: boolean): void {
    if (index !== this.#current) return;
    this.#grew();
    if (facts) this.#showFacts();
  }

  status(text: string): void {
    if (text === this.#status) return;
    this.#status = byId("status").textContent = text;
    this.#showSource();
  }

  #grew = nextFrame(() => {
    const { recording, selected, version } = this.store.now;
    const atEnd = selected === this.#seen - 1; // at the end: stay there
    this.#seen = recording.count;
    this.store.set({ version: version + 1, selected: atEnd && this.facts.live ? recording.count - 1 : selected });
    this.filter.renew();
  });
  #seen = 0;

  #goTo(finding: Finding): void {
    this.#detail.showEvent();
    this.store.set({ selected: lineOf(finding, this.store.now.recording) });
  }

  #showFacts(): void {
    const { facts } = this.store.now.recording;
    document.title = `${facts.name} · inspector`;
    document.body.classList.toggle("plain", !facts.events && !!facts.end);
    document.body.classList.toggle("nothing", isNothing(facts));
    this.#showSource();
    showHeader(facts, (severity) => {
      this.#goTo(facts.findings.find((finding) => finding.severity === severity)!);
      this.#detail.show("Findings");
    });
    this.filter.renew();
  }

  #showSource(): void {
    const { facts } = this.store.now.recording;
    const notes = [this.#status, this.facts.omitted ? `${this.facts.omitted} more not in this page` : ""].filter(Boolean);
    byId("source").replaceChildren(...this.#chooser(), ...sourceLine(facts), ...notes.map((note) => el("em", {}, note)));
  }

  #chooser(): HTMLElement[] {
    const names = this.library.facts.map(({ name }, i) => visible(name) || `recording ${i + 1}`);
    if (names.length < 2) return [el("b", {}, names[0] ?? "")];
    const choice = el("select", { attrs: { "aria-label": "Recording" } });
    choice.append(...names.map((name, i) => el("option", { selected: i === this.#current }, this.facts.live ? name : `${i + 1}/${names.length} ${name}`)));
    choice.onchange = () => this.step(choice.selectedIndex - this.#current);
    const modes = el("select", { attrs: { "aria-label": "How to show the recordings" } });
    modes.append(...MODES.map(([value, name]) => el("option", { value, selected: value === this.#mode }, name)));
    modes.onchange = () => void this.#show(modes.value as Mode);
    return [choice, modes];
  }

  async #show(mode: Mode): Promise<void> {
    this.#mode = mode;
    byId("waterfall").hidden = mode !== "one";
    this.#compare.show(mode === "one" ? [] : await this.library.all(), mode, this.#current);
  }
}

function readInIdleTime(texts: Texts): void {
  const later = globalThis.requestIdleCallback ?? ((act: () => void) => setTimeout(act, 20));
  const slice = (): void => {
    texts.read(Infinity, performance.now() + 8);
    if (!texts.ready) later(slice);
  };
  later(slice);
}
