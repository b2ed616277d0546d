// The waterfall: the stream over time. One canvas has the still picture, a second one above it what moves (the
// selected event, the pointer, the player). Findings are buttons.

import { contentOf } from "./content";
import { el, byId, nextFrame } from "./dom";
import { draw, nearest } from "./drawing";
import type { Finding } from "./facts";
import { handleGestures, onKey, type Target } from "./gestures";
import { layout, type Place } from "./lanes";
import { palette, spoken } from "./palette";
import { fullHeight, prepared, rowsOf, type Scene } from "./scene";
import { Scale, shownWindow } from "./scale";
import type { Store } from "./store";
import { count, span, visible } from "./text";

export class Waterfall {
  #box = byId("waterfall");
  #picture = byId<HTMLCanvasElement>("picture");
  #marks = byId<HTMLCanvasElement>("marks");
  #hint = byId("hint");
  #colors = palette();
  #pointer = NaN;
  #marked: [number, number] = [NaN, NaN];
  #drawPicture = nextFrame(() => this.#paint());
  #drawMarks = nextFrame(() => this.#paintMarks());

  #target: Target = {
    scale: () => this.#scale(),
    whole: () => this.store.now.recording.duration,
    show: (window) => this.store.set(window),
    pick: (x, y) => this.#pick(x, y),
    hover: (x, y) => this.#hover(x, y),
    leave: () => this.#leave(),
    scrolls: () => false,
    mark: (from, to) => {
      this.#marked = [from, to];
      this.#drawMarks();
    },
  };

  constructor(private store: Store, private onFinding: (finding: Finding) => void) {
    new ResizeObserver(() => this.redraw()).observe(this.#box);
    handleGestures(this.#marks, this.#target);
    store.on((changed) => {
      const grew = changed("recording") || changed("version");
      if (grew) this.#fit();
      if (grew || changed("from") || changed("to")) this.#drawPicture();
      if (changed("selected")) this.#follow();
      this.#drawMarks();
    });
    this.#fit();
  }

  /** Draw all again, as the theme or the size has changed. */
  redraw(): void {
    this.#colors = palette();
    this.#drawPicture();
    this.#drawMarks();
  }

  /** Zoom and move by keys; return whether the key meant something. */
  onKey(key: string): boolean {
    return onKey(key, this.#target);
  }

  /** Return the picture as it is shown, on a canvas of its own. */
  render(ratio: number): HTMLCanvasElement {
    const canvas = el("canvas");
    const scene = this.#scene(canvas, ratio);
    draw(scene);
    for (const [finding, x] of this.#pinned()) {
      scene.context.fillStyle = this.#colors[finding.severity === "info" ? "dim" : finding.severity];
      scene.context.beginPath();
      scene.context.arc(x, 14, 10, 0, 7);
      scene.context.fill();
      scene.context.fillStyle = this.#colors.panel;
      scene.context.textAlign = "center";
      scene.context.fillText(String(this.store.now.recording.facts.findings.indexOf(finding) + 1), x, 14.5);
    }
    return canvas;
  }

  #size(): { width: number; height: number } {
    return { width: Math.max(200, this.#box.clientWidth), height: Math.max(100, this.#box.clientHeight) };
  }

  #scale(): Scale {
    const { recording } = this.store.now;
    const { width } = this.#size();
    const { from, to } = shownWindow(this.store.now, Math.max(recording.duration, 1e-3));
    return new Scale(from, to, width < 600 ? 10 : 64, width - 12, recording.facts.timed);
  }

  /** The pixels above the picture's rows: for pins, if there are findings. */
  get #head(): number {
    return this.store.now.recording.facts.findings.length ? 30 : 8;
  }

  get #place(): Place {
    const { recording } = this.store.now;
    return { recording, scale: this.#scale(), rows: rowsOf(recording, this.#size().height, this.#head) };
  }

  #scene(canvas: HTMLCanvasElement, ratio = devicePixelRatio): Scene {
    const { width, height } = this.#size();
    return { ...this.#place, context: prepared(canvas, width, height, ratio), palette: this.#colors, width, height };
  }

  #paint(): void {
    if (!this.#box.clientWidth) return;
    draw(this.#scene(this.#picture));
    this.#placePins();
  }

  #paintMarks(): void {
    if (!this.#box.clientWidth) return;
    const scene = this.#scene(this.#marks);
    const { context, scale, rows: { pings, top, rate } } = scene;
    const { recording, selected, playhead } = this.store.now;
    const line = (t: number, color: string, width: number): void => {
      context.fillStyle = color;
      if (t >= scale.from && t <= scale.to) context.fillRect(Math.round(scale.x(t)) - width / 2, top - 4, width, rate - top + 4); // below the pings
    };
    if (!Number.isNaN(this.#marked[0])) {
      const [a, b] = this.#marked.map((t) => scale.x(t)).sort((one, two) => one - two) as [number, number];
      context.globalAlpha = 0.2;
      context.fillStyle = this.#colors.server;
      context.fillRect(a, pings, b - a, rate - pings);
      context.globalAlpha = 1;
    }
    if (playhead < scale.to) {
      context.globalAlpha = 0.65; // what is still to come is pale
      context.fillStyle = this.#colors.panel;
      const x = scale.x(Math.max(playhead, scale.from));
      context.fillRect(x, pings, scale.right - x, rate - pings);
      context.globalAlpha = 1;
    }
    line(this.#pointer, this.#colors.bars, 1);
    if (selected >= 0) line(recording.times[selected]!, this.#colors.ink, 2);
    line(playhead, this.#colors.error, 2);
    const lane = selected < 0 ? undefined : layout(scene).find((l) => l.index === recording.lanes[selected]);
    if (!lane) return;
    context.beginPath();
    context.arc(scale.x(recording.times[selected]!), lane.y + lane.height / 2, 4, 0, 7);
    context.fillStyle = this.#colors.ink;
    context.fill();
  }

  /** Move the window if the selected event is outside. */
  #follow(): void {
    const { recording, selected, to } = this.store.now;
    if (selected < 0 || !Number.isFinite(to)) return;
    const { from } = this.store.now;
    const t = recording.times[selected]!;
    const width = to - from;
    if (t >= from && t <= to) return;
    const start = Math.max(0, Math.min(t - width / 2, recording.duration - width));
    this.store.set({ from: start, to: start + width });
  }

  #pick(x: number, y: number): void {
    if (this.store.now.recording.count) this.store.set({ selected: nearest(this.#place, x, y) });
  }

  #hover(x: number, y: number): void {
    const { recording } = this.store.now;
    const scale = this.#scale();
    if (!recording.count || x < scale.left) return this.#leave();
    this.#pointer = scale.t(x);
    this.#drawMarks();
    const line = nearest(this.#place, x, y);
    const lane = recording.lane(line);
    const content = contentOf(recording, line);
    const what = `ev ${recording.numbers[line]}  ·  ${content.name}`;
    this.#hint.textContent =
      `${scale.label(this.#pointer, scale.step / 50)}  ·  ${what}${lane?.name ? `  ·  ${visible(lane.name)}` : ""}\n` + visible(content.text).slice(0, 120);
    this.#hint.hidden = false;
    const { width } = this.#size();
    const left = x + 14 + this.#hint.offsetWidth > width ? x - 14 - this.#hint.offsetWidth : x + 14;
    const top = Math.min(y + 14, this.#size().height - this.#hint.offsetHeight - 4);
    this.#hint.style.transform = `translate(${Math.max(2, left)}px,${top - 30}px)`;
  }

  #leave(): void {
    this.#hint.hidden = true;
    this.#pointer = NaN;
    this.#drawMarks();
  }

  #pinned(): [Finding, number][] {
    const { recording } = this.store.now;
    const scale = this.#scale();
    const pins: [Finding, number][] = [];
    for (const finding of recording.facts.findings) {
      const t = finding.line !== null ? recording.times[finding.line] : finding.t;
      if (t === null || t === undefined || t < scale.from || t > scale.to) continue;
      pins.push([finding, Math.min(Math.max(scale.x(t), scale.left), scale.right)]);
    }
    return pins.sort((a, b) => a[1] - b[1]);
  }

  /** Findings that would cover each other share a button; each click on it shows the next one. */
  #placePins(): void {
    const all = this.store.now.recording.facts.findings;
    const groups: { x: number; findings: Finding[] }[] = [];
    for (const [finding, x] of this.#pinned()) {
      const last = groups.at(-1);
      if (last && x - last.x < 25) last.findings.push(finding);
      else groups.push({ x, findings: [finding] });
    }
    const box = byId("pins");
    box.replaceChildren();
    for (const { x, findings } of groups) {
      const worst = findings.find((f) => f.severity === "error") ?? findings.find((f) => f.severity === "warning") ?? findings[0]!;
      const single = findings.length === 1;
      let next = 0;
      const button = el("button", {
        className: worst.severity + (single ? "" : " many"),
        title: findings.slice(0, 8).map((f) => `${f.severity}: ${f.rule}`).join("\n"),
        textContent: single ? String(all.indexOf(worst) + 1) : `×${findings.length}`,
        attrs: { "aria-label": single ? `${all.indexOf(worst) + 1}: ${worst.severity}: ${visible(worst.message)}` : `×${findings.length} findings` },
        onclick: () => this.onFinding(findings[next++ % findings.length]!),
      });
      button.style.transform = `translateX(${Math.min(x - 2, this.#size().width - 24)}px)`;
      box.append(button);
    }
  }

  /** Take as much room as the content blocks need; the style sheet bounds it. */
  #fit(): void {
    this.#box.style.setProperty("--full", `${fullHeight(this.store.now.recording, this.#head)}px`);
    this.#describe();
  }

  /** Say in text what the canvas shows, for those who do not see it, and for print. */
  #describe(): void {
    const { facts } = this.store.now.recording;
    const blocks = facts.blocks.length;
    this.#picture.ariaLabel = `${count(facts.events)} events in ${span(this.store.now.recording.duration)}, ${blocks} content blocks. A table of them follows.`;
    this.#marks.ariaLabel = "Timeline";
    const head = ["block", "kind", "name", "from", "to", "events"].map((name) => el("th", {}, name));
    const time = (t: number): string => (facts.timed ? span(t) : "unknown");
    const rows = facts.blocks.slice(0, 500).map((block) => {
      const end = time(block.t1) + (block.closed ? "" : ", still open");
      const cells = [String(block.index), spoken(block.kind), block.name ?? "", time(block.t0), end, count(block.last - block.first + 1)];
      return el("tr", {}, ...cells.map((cell) => el("td", {}, visible(cell))));
    });
    const table = el("table", {}, el("thead", {}, el("tr", {}, ...head)), el("tbody", {}, ...rows));
    byId("twin").replaceChildren(table);
  }
}
