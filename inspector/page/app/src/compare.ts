// Several recordings on one axis: below each other, or laid over each other. They begin together, at the request or
// at the first event.

import { byId, el, nextFrame } from "./dom";
import { draw, nearest, rates } from "./drawing";
import { handleGestures, onKey, type Target } from "./gestures";
import { laneName, type Place } from "./lanes";
import { palette, type Palette } from "./palette";
import type { Recording } from "./recording";
import { beside, fullHeight, prepared, rowsOf, type Scene } from "./scene";
import { Scale, shownWindow, type Window } from "./scale";
import { visible } from "./text";

export type Mode = "one" | "stacked" | "overlaid";

const TRACK = 210;
const NAME = 26;
/** The pixels that browsers allow a canvas to be high. */
const HIGHEST = 32_000;
const OVERLAY = 380;
const LANE = 44;
/** The pixels of an overlay besides its lanes. */
const REST = 110;
const COLORS: (keyof Palette)[] = ["server", "tool", "text", "thinking", "error", "other"];
/** More than that are too many lines to tell apart. */
const MOST_OVERLAID = COLORS.length;

export class Compare {
  #box = byId("compare");
  #canvas = el("canvas", { tabIndex: 0, attrs: { role: "application", "aria-label": "Recordings on one axis of time" } });
  #bar = el("div", { className: "compared" });
  #table = el("div", { className: "scroll", tabIndex: 0, attrs: { role: "region", "aria-label": "Numbers of the recordings" } });
  /** The canvas is as large as what is seen of the tracks; the tracks may be many more. */
  #tracks = el("div", { className: "tracks" }, this.#canvas);
  #space = el("div", {});
  #recordings: Recording[] = [];
  /** Where each track begins, and where the last one ends. */
  #tops: number[] = [0];
  #mode: Mode = "one";
  #byFirst = false;
  #window: Window = { from: 0, to: Infinity };
  #draw = nextFrame(() => this.#paint());

  #target: Target = {
    scale: () => this.#scale(),
    whole: () => this.#whole,
    show: (window) => {
      this.#window = window;
      this.#draw();
    },
    pick: (x, y) => this.#pick(x, y),
    scrolls: () => this.#tracks.scrollHeight > this.#tracks.clientHeight + 1,
    hover: () => {},
    leave: () => {},
    mark: () => {},
  };

  constructor(private onPick: (index: number, line: number) => void) {
    const align = el("select", { attrs: { "aria-label": "Where the recordings begin together" } });
    align.append(el("option", {}, "from the request"), el("option", {}, "from the first event"));
    align.onchange = () => {
      this.#byFirst = align.selectedIndex === 1;
      this.#draw();
    };
    this.#bar.append("Times count", align);
    this.#tracks.append(this.#space);
    this.#tracks.addEventListener("scroll", () => this.#draw(), { passive: true });
    this.#box.append(this.#bar, this.#table, this.#tracks);
    new ResizeObserver(() => this.#draw()).observe(this.#box);
    handleGestures(this.#canvas, this.#target);
  }

  show(recordings: Recording[], mode: Mode, current: number): void {
    this.#recordings = recordings;
    this.#mode = mode;
    this.#box.hidden = mode === "one";
    document.body.classList.toggle("comparing", mode !== "one");
    this.#tops = [0];
    for (const recording of recordings) this.#tops.push(this.#tops.at(-1)! + Math.min(TRACK, fullHeight(recording, NAME)));
    this.#table.replaceChildren(this.#numbers(current));
    this.#draw();
  }

  redraw(): void {
    this.#draw();
  }

  onKey(key: string): boolean {
    return onKey(key, this.#target);
  }

  #numbers(current: number): HTMLElement {
    const labels = this.#recordings[0]?.facts.numbers.map(({ label }) => label) ?? [];
    const titles = ["recording", "outcome", "events", ...labels].map(visible);
    const head = titles.map((name) => el("th", {}, name));
    const rows = this.#recordings.map(({ facts }, i) => {
      const name = el("button", { textContent: visible(facts.name), onclick: () => this.onPick(i, -1) });
      const swatch = el("span", { textContent: "■ " });
      if (this.#mode === "overlaid") swatch.style.color = i < MOST_OVERLAID ? `var(--${COLORS[i]})` : "transparent";
      const numbers = labels.map((label) => facts.numbers.find((each) => each.label === label)?.text ?? "");
      const cells = [facts.outcome, String(facts.events), ...numbers].map(visible);
      const row = el("tr", {}, el("td", {}, this.#mode === "overlaid" && swatch, name), ...cells.map((cell, k) => el("td", { attrs: { "data-name": titles[k + 1]! } }, cell)));
      if (i === current) row.ariaCurrent = "true";
      return row;
    });
    return el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows));
  }

  #origin(recording: Recording): number {
    return this.#byFirst ? (recording.times[0] ?? 0) : 0;
  }

  get #whole(): number {
    return Math.max(1e-3, ...this.#recordings.map((recording) => recording.duration - this.#origin(recording)));
  }

  #scale(recording?: Recording): Scale {
    const { from, to } = shownWindow(this.#window, this.#whole);
    const origin = recording ? this.#origin(recording) : 0;
    const width = this.#canvas.clientWidth;
    return new Scale(from + origin, to + origin, width < 600 ? 10 : 64, width - 12, recording?.facts.timed ?? true, origin);
  }

  #place(recording: Recording, height: number): Place {
    return { recording, scale: this.#scale(recording), rows: rowsOf(recording, height, NAME) };
  }

  /** Return the whole picture, on a canvas of its own. */
  render(ratio: number): HTMLCanvasElement {
    const canvas = el("canvas");
    this.#drawOn(canvas, this.#full, Math.min(ratio, HIGHEST / this.#full), 0);
    return canvas;
  }

  /** The height of the whole picture. */
  get #full(): number {
    const blocks = Math.max(1, ...this.#recordings.map(({ spans }) => spans.length));
    return this.#mode === "stacked" ? this.#tops.at(-1)! : Math.min(OVERLAY, REST + LANE * blocks);
  }

  #paint(): void {
    if (this.#box.hidden) return;
    const height = Math.min(this.#full, Math.max(TRACK, innerHeight * 0.46));
    this.#canvas.style.height = `${height}px`;
    this.#space.style.height = `${this.#full - height}px`;
    this.#drawOn(this.#canvas, height, devicePixelRatio, this.#tracks.scrollTop);
  }

  /** Draw the part of the picture that begins at `from` and is so high. */
  #drawOn(canvas: HTMLCanvasElement, height: number, ratio: number, from: number): void {
    const width = this.#canvas.clientWidth;
    const context = prepared(canvas, width, height, ratio);
    const colors = palette();
    const scene = (recording: Recording, tall: number): Scene => ({
      ...this.#place(recording, tall), context, palette: colors, width, height: tall,
    });
    if (this.#mode === "overlaid") return overlay(this.#recordings.slice(0, MOST_OVERLAID).map((each) => scene(each, height)));
    this.#recordings.forEach((recording, i) => {
      const [top, bottom] = [this.#tops[i]! - from, this.#tops[i + 1]! - from];
      if (top > height || bottom < 0) return;
      context.save();
      context.translate(0, top);
      draw(scene(recording, bottom - top));
      context.fillStyle = colors.ink;
      context.fillText(visible(recording.facts.name), 14, 14);
      context.restore();
    });
  }

  #pick(x: number, y: number): void {
    if (this.#mode !== "stacked") return;
    const down = y + this.#tracks.scrollTop;
    const index = this.#tops.findLastIndex((top) => top <= down);
    const recording = this.#recordings[index];
    if (!recording?.count) return;
    const [top, bottom] = [this.#tops[index]!, this.#tops[index + 1]!];
    this.onPick(index, nearest(this.#place(recording, bottom - top), x, down - top));
  }
}

/** One lane for the first content blocks of all, one for the second ones …; below, the events/s of each. */
function overlay(scenes: Scene[]): void {
  const [first] = scenes;
  if (!first) return;
  const { context, palette: colors, width, height, scale } = first;
  context.fillStyle = colors.panel;
  context.fillRect(0, 0, width, height);
  const bottom = height - 22;
  for (const tick of scale.ticks) {
    context.fillStyle = colors.line;
    context.fillRect(scale.x(tick + scale.origin), 4, 1, bottom - 4);
  }
  const most = Math.max(1, ...scenes.map(({ recording }) => recording.spans.length));
  const each = Math.min(LANE, (height - REST) / most);
  scenes.forEach((scene, i) => {
    const thick = Math.max(1, (each - 2) / scenes.length);
    context.fillStyle = colors[COLORS[i]!];
    for (const { t0, t1, index } of scene.recording.spans) {
      const [x0, x1] = [Math.max(scale.left, scene.scale.x(t0)), Math.min(scale.right, scene.scale.x(t1))];
      if (x1 >= x0) context.fillRect(x0, 6 + index * each + i * thick, Math.max(2, x1 - x0), Math.max(1, thick - 0.5));
    }
    drawRateLine(scene, colors[COLORS[i]!], bottom);
  });
  if (each >= 10) for (let index = 0; index < most; index++) nameLane(scenes, index, 6 + (index + 0.5) * each);
  labelAxis(first, bottom);
}

/** Write what the content blocks of a lane are: of all recordings, each name once. */
function nameLane(scenes: Scene[], index: number, y: number): void {
  const spans = scenes.flatMap(({ recording, scale }) => recording.spans.slice(index, index + 1).map((span) => ({ ...span, x: scale.x(span.t0), end: scale.x(span.t1) })));
  const { left, right } = scenes[0]!.scale;
  const seen = spans.filter(({ x, end }) => end >= left && x <= right);
  if (!seen.length) return;
  const names = [...new Set(seen.map(({ block }) => laneName(block)))].join(" | ");
  beside(scenes[0]!, names, Math.max(left, Math.min(...seen.map(({ x }) => x))), y, scenes[0]!.palette.ink);
}

const BIN = 24;

function drawRateLine({ context, recording, scale }: Scene, color: string, bottom: number): void {
  const bins = rates(recording, scale, BIN);
  const most = Math.max(1, ...bins);
  context.strokeStyle = color;
  context.lineWidth = 1.5;
  context.beginPath();
  bins.forEach((events, bin) => {
    const [x, y] = [scale.left + bin * BIN, bottom - (60 * events) / most];
    context.lineTo(x, y);
    context.lineTo(x + BIN, y);
  });
  context.stroke();
}

function labelAxis({ context, scale, palette: colors }: Scene, bottom: number): void {
  context.fillStyle = colors.dim;
  context.textAlign = "center";
  for (const tick of scale.ticks) context.fillText(scale.label(tick), scale.x(tick + scale.origin), bottom + 11);
  context.textAlign = "left";
  if (scale.left > 50) context.fillText("events/s", 10, bottom - 30);
}
