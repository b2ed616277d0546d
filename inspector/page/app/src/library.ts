// The recordings of the page. Columns and lines are unpacked when they are needed first; live ones grow.

import { unpacked } from "./decode";
import type { Facts } from "./facts";
import { Recording } from "./recording";
import { Texts } from "./texts";

const NONE = new Uint8Array(0);

export class Library {
  #recordings: (Recording | undefined)[];
  #texts = new WeakMap<Recording, Texts>();

  constructor(readonly facts: Facts[]) {
    this.#recordings = facts.map(() => undefined);
  }

  /** Return a recording with its columns; its lines may come later. */
  async get(index: number): Promise<Recording> {
    return (this.#recordings[index] ??= new Recording(this.facts[index]!, await unpacked(`columns-${index}`)));
  }

  all(): Promise<Recording[]> {
    return Promise.all(this.facts.map((_, index) => this.get(index)));
  }

  /** Unpack the lines of a recording, if that is still to do; return whether it was. */
  async readLines(index: number): Promise<boolean> {
    const recording = await this.get(index);
    if (recording.body.length) return false;
    recording.body = await unpacked(`lines-${index}`);
    return true;
  }

  texts(recording: Recording): Texts {
    let texts = this.#texts.get(recording);
    if (!texts) this.#texts.set(recording, (texts = new Texts(recording)));
    return texts;
  }

  /** Add a recording that has just begun, and return its place. */
  add(facts: Facts, head: Uint8Array): number {
    const recording = new Recording(facts, NONE);
    recording.body = head;
    this.facts.push(facts);
    return this.#recordings.push(recording) - 1;
  }

  remove(index: number): void {
    this.facts.splice(index, 1);
    this.#recordings.splice(index, 1);
  }

  indexOf(recording: Recording): number {
    return this.#recordings.indexOf(recording);
  }
}
