// The list of events. Only the rows in view exist; they are used again while it scrolls. Above a million rows the
// list is higher than browsers allow an element to be, so the scroll bar stands for a part of the true height.

import { contentOf } from "./content";
import { byId, el, nextFrame } from "./dom";
import { isEvent } from "./facts";
import { family } from "./palette";
import { alarm } from "./patience";
import { lowerBound } from "./recording";
import type { Store } from "./store";
import { count, visible } from "./text";

const HIGHEST = 12_000_000;
const BASE = 1024;
const COLUMNS = ["#", "time", "gap", "event", "content"];

class Row {
  readonly element: HTMLElement;
  readonly cells: HTMLElement[];
  line = -1;

  constructor(select: (line: number) => void) {
    this.cells = COLUMNS.map(() => el("span", { attrs: { role: "gridcell" } }));
    this.element = el("div", { className: "row", attrs: { role: "row" }, onclick: () => select(this.line) }, ...this.cells);
  }
}

export class List {
  #box = byId("list");
  #spacer = el("div", { id: "spacer" });
  #layer = el("div", { id: "layer", attrs: { role: "rowgroup" } });
  #rows: Row[] = [];
  #height = 24;
  /** The lines that the filter lets through, or null for all. */
  #lines: Uint32Array | null = null;
  /** Where the view begins, in pixels of the true height. */
  #top = 0;
  #scrolled = 0;
  #found = new Map<number, string>();
  #draw = nextFrame(() => this.#paint());

  constructor(private store: Store) {
    byId("columns").append(...COLUMNS.map((name) => el("span", {}, name)));
    this.#box.append(this.#spacer, this.#layer);
    this.#box.addEventListener("scroll", () => this.#onScroll(), { passive: true });
    this.#box.addEventListener("wheel", (event) => this.#onWheel(event), { passive: false });
    this.#box.addEventListener("keydown", (event) => {
      if (!event.ctrlKey && !event.metaKey && !event.altKey && this.onKey(event.key)) event.preventDefault();
    });
    new ResizeObserver(() => this.#draw()).observe(this.#box);
    store.on((changed) => {
      if (changed("recording") || changed("version")) this.refresh();
      if (changed("selected")) this.#reveal();
    });
    this.refresh();
  }

  get #count(): number {
    return this.#lines ? this.#lines.length : this.store.now.recording.count;
  }

  get #whole(): number {
    return this.#count * this.#height;
  }

  /** Show these lines only, or all. */
  show(lines: Uint32Array | null): void {
    this.#lines = lines;
    this.refresh();
    this.#reveal();
  }

  /** Draw all rows again. */
  refresh(): void {
    const { recording } = this.store.now;
    this.#found.clear();
    byId("events").classList.toggle("untimed", !recording.facts.timed);
    const wide = (name: string, ...texts: string[]): void =>
      byId("events").style.setProperty(name, `${Math.max(...texts.map((text) => text.length))}ch`);
    wide("--number", `●  ${count(recording.facts.events)}`);
    wide("--time", recording.duration.toFixed(3), "99.999");
    wide("--event", "message_start", ...recording.facts.blocks.slice(-200).map(({ index, kind }) => `${index} ${kind} start`));
    for (const { line, severity } of recording.facts.findings) {
      if (line !== null && this.#found.get(line) !== "error") this.#found.set(line, severity);
    }
    this.#box.ariaRowCount = String(this.#count);
    this.#spacer.style.height = `${Math.min(HIGHEST, this.#whole)}px`;
    for (const row of this.#rows) row.line = -1;
    this.#scrollTo(this.#top);
    this.#draw();
  }

  /** Move the selection; return whether the key meant something. */
  onKey(key: string): boolean {
    const page = Math.max(1, Math.floor(this.#box.clientHeight / this.#height) - 1);
    const steps: Record<string, number> = { j: 1, ArrowDown: 1, k: -1, ArrowUp: -1, PageDown: page, PageUp: -page, Home: -Infinity, End: Infinity };
    const step = steps[key];
    if (step === undefined || !this.#count) return false;
    const { selected } = this.store.now;
    const row = selected < 0 ? -1 : this.#rowOf(selected);
    const next = Math.min(this.#count - 1, Math.max(0, row + step));
    this.store.set({ selected: this.#lineOf(next) });
    return true;
  }

  #lineOf(row: number): number {
    return this.#lines ? this.#lines[row]! : row;
  }

  #rowOf(line: number): number {
    const lines = this.#lines;
    return lines ? lowerBound(lines.length, (i) => lines[i]! >= line) : line;
  }

  /** How many pixels of the true height stand behind one of the scroll bar's. */
  get #ratio(): number {
    const view = this.#box.clientHeight;
    return this.#whole <= HIGHEST ? 1 : (this.#whole - view) / (HIGHEST - view);
  }

  #onScroll(): void {
    const at = this.#box.scrollTop;
    if (Math.abs(at - this.#scrolled) >= 1) this.#top = at * this.#ratio;
    this.#scrolled = at;
    this.#paint();
  }

  #onWheel(event: WheelEvent): void {
    if (this.#ratio === 1 || event.ctrlKey) return;
    event.preventDefault(); // else a turn of the wheel would skip rows
    this.#scrollTo(this.#top + event.deltaY * (event.deltaMode === WheelEvent.DOM_DELTA_LINE ? this.#height : 1));
  }

  #scrollTo(top: number): void {
    this.#top = Math.max(0, Math.min(top, this.#whole - this.#box.clientHeight));
    this.#box.scrollTop = this.#top / this.#ratio;
    this.#scrolled = this.#box.scrollTop;
    this.#paint(); // now: in the next frame the player may be elsewhere already
  }

  #reveal(): void {
    const { selected } = this.store.now;
    const view = this.#box.clientHeight;
    const y = this.#rowOf(selected) * this.#height;
    if (selected >= 0 && (y < this.#top || y + this.#height > this.#top + view)) {
      const near = Math.abs(y - this.#top - view / 2) < view * 0.5 + 2 * this.#height;
      this.#scrollTo(near ? (y < this.#top ? y : y + this.#height - view) : y - view / 2);
    }
    this.#draw();
  }

  #paint(): void {
    const view = this.#box.clientHeight;
    const first = Math.max(0, Math.floor(this.#top / this.#height) - 4);
    const last = Math.min(this.#count, Math.ceil((this.#top + view) / this.#height) + 4);
    const pool = Math.max(this.#rows.length, last - first);
    while (this.#rows.length < pool) {
      const row = new Row((line) => this.store.set({ selected: line }));
      this.#rows.push(row);
      this.#layer.append(row.element);
    }
    // Rows count from a base near the view: browsers round large offsets.
    const base = first - (first % BASE);
    const shift = base * this.#height + (this.#box.scrollTop - this.#top);
    this.#layer.style.transform = `translateY(${this.#ratio === 1 ? base * this.#height : shift}px)`;
    const { selected } = this.store.now;
    for (let i = first; i < first + pool; i++) {
      const row = this.#rows[i % pool]!;
      row.element.hidden = i >= last;
      if (i >= last) continue;
      row.element.style.transform = `translateY(${(i - base) * this.#height}px)`;
      const line = this.#lineOf(i);
      if (row.line !== line) this.#fill(row, line, i);
      const chosen = line === selected;
      if ((row.element.ariaSelected === "true") !== chosen) row.element.ariaSelected = String(chosen);
      if (chosen) this.#box.setAttribute("aria-activedescendant", row.element.id);
    }
  }

  #fill(row: Row, line: number, at: number): void {
    const { recording } = this.store.now;
    const content = contentOf(recording, line);
    const lane = recording.lane(line);
    const gap = recording.gap(line);
    const found = this.#found.get(line);
    const timed = recording.facts.timed;
    const texts = [
      isEvent(recording.kinds[line]!) ? count(recording.numbers[line]!) : "",
      timed ? recording.times[line]!.toFixed(3) : "",
      timed && line ? `+${gap.toFixed(3)}` : "",
      content.name,
      content.text.slice(0, 400),
    ];
    const long = alarm(gap, "bytes");
    const classes = ["", long, long, lane && content.tone !== "odd" && content.tone !== "error" ? "block" : content.tone, content.tone];
    row.cells.forEach((cell, i) => {
      cell.textContent = visible(texts[i]!);
      cell.className = classes[i]!;
    });
    row.element.className = `row ${lane ? family(lane.kind) : ""} ${found ? `found ${found}` : ""}`;
    row.element.id = `row-${line}`;
    row.element.ariaRowIndex = String(at + 1);
    row.line = recording.body.length ? line : -1; // filled again when the text is there
  }
}
