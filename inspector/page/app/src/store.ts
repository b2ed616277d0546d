// What the views share: which recording, which line, which window of time. A view changes it and hears of changes;
// views do not know each other.

import type { Recording } from "./recording";

export interface Shared {
  recording: Recording;
  /** The selected line, -1 for none. */
  selected: number;
  /** The window of time that the waterfall shows, in seconds. */
  from: number;
  to: number;
  /** The player's time, or NaN while it rests. */
  playhead: number;
}

type Listener = (changed: (key: keyof Shared) => boolean) => void;

export class Store {
  #listeners: Listener[] = [];

  constructor(public now: Shared) {}

  /** Change some of it and tell the listeners, if anything is different. */
  set(change: Partial<Shared>): void {
    const keys = (Object.keys(change) as (keyof Shared)[]).filter((key) => !Object.is(this.now[key], change[key]));
    if (!keys.length) return;
    this.now = { ...this.now, ...change };
    for (const listener of this.#listeners) listener((key) => keys.includes(key));
  }

  /** Tell the listeners that the recording itself has grown. */
  grew(): void {
    for (const listener of this.#listeners) listener((key) => key === "recording");
  }

  on(listener: Listener): void {
    this.#listeners.push(listener);
  }
}
