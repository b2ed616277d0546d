// The player: replays the stream at its own pace, or at a multiple of it. The list, the waterfall and the message
// follow, because it selects each event when its time has come.

import { byId, el } from "./dom";
import type { Store } from "./store";
import { moment } from "./text";

const SPEEDS = [0.25, 0.5, 1, 2, 5, 10, 30, 60, 300, 1000];

export class Player {
  #button = el("button", { onclick: () => this.toggle(), attrs: { "aria-keyshortcuts": "Space" } });
  #speed = el("select", { attrs: { "aria-label": "Speed of the player" } });
  #slider = el("input", { type: "range", min: "0", max: "1000", value: "0", attrs: { "aria-label": "Position of the player" } });
  #clock = el("output", {});
  #frame = 0;
  #last = 0;

  constructor(private store: Store, private onPlay: () => void) {
    this.#speed.append(...SPEEDS.map((speed) => el("option", { value: String(speed) }, `${speed}×`)));
    this.#slider.addEventListener("input", () => this.#go((this.store.now.recording.duration * Number(this.#slider.value)) / 1000));
    byId("player").append(this.#button, this.#speed, this.#slider, this.#clock);
    store.on((changed) => {
      if (changed("recording")) this.renew();
      if (changed("selected") && !this.#frame) this.#show(this.#time);
    });
    this.renew();
  }

  get #time(): number {
    const { playhead, selected, recording } = this.store.now;
    return Number.isNaN(playhead) ? (recording.times[selected] ?? 0) : playhead;
  }

  /** Choose a speed at which the whole takes about half a minute at most. */
  renew(): void {
    this.stop();
    const { duration } = this.store.now.recording;
    this.#speed.value = String(SPEEDS.find((speed) => speed >= 1 && duration / speed <= 30) ?? 1000);
    this.#show(this.#time);
  }

  toggle(): void {
    if (this.#frame) return this.stop();
    const { recording, selected } = this.store.now;
    if (!recording.count) return;
    const over = selected >= recording.count - 1;
    this.onPlay();
    this.store.set({ playhead: over ? 0 : this.#time });
    this.#last = performance.now();
    this.#frame = requestAnimationFrame((now) => this.#step(now));
    this.#show(this.#time);
  }

  stop(): void {
    cancelAnimationFrame(this.#frame);
    this.#frame = 0;
    this.store.set({ playhead: NaN });
    this.#show(this.#time);
  }

  #step(now: number): void {
    const { recording } = this.store.now;
    const t = this.#time + (Math.max(0, now - this.#last) / 1000) * Number(this.#speed.value);
    this.#last = now;
    if (t >= recording.duration) {
      this.store.set({ selected: recording.count - 1 });
      return this.stop();
    }
    this.#go(t);
    this.#frame = requestAnimationFrame((next) => this.#step(next));
  }

  #go(t: number): void {
    const { recording } = this.store.now;
    if (this.#frame) this.store.set({ playhead: t });
    if (recording.count) this.store.set({ selected: recording.lineBefore(t) });
    this.#show(t);
  }

  #show(t: number): void {
    const { duration } = this.store.now.recording;
    this.#button.textContent = this.#frame ? "❚❚ Pause" : "▶ Play";
    this.#slider.value = String(duration ? (1000 * t) / duration : 0);
    this.#slider.ariaValueText = this.#clock.textContent = moment(t, 0.1);
  }
}
