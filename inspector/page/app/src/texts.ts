// What the deltas carry, joined content block by content block. One reading of all lines answers three questions:
// which lines have this text (also text that is split over deltas), what a content block held when a line came,
// and what it held in the end.

import { contentOf, deltaText, DELTA_TEXT, parsedLine } from "./content";
import { isDelta, Kind } from "./facts";
import { lowerBound, type Recording } from "./recording";

/** Text that grew line by line. */
class Grown {
  lines: number[] = [];
  ends: number[] = [];
  #pieces: string[] = [];
  #text = "";
  #lower: string | undefined;

  add(line: number, piece: string): void {
    this.lines.push(line);
    this.ends.push((this.ends.at(-1) ?? 0) + piece.length);
    this.#pieces.push(piece);
  }

  get text(): string {
    if (this.#pieces.length) {
      this.#text += this.#pieces.join("");
      this.#pieces = [];
      this.#lower = undefined;
    }
    return this.#text;
  }

  get lower(): string {
    const text = this.text;
    // A few letters change their length in lower case; then offsets would be wrong.
    if (this.#lower === undefined) this.#lower = text.toLowerCase();
    return this.#lower.length === text.length ? this.#lower : text;
  }

  at(line: number): string {
    const lines = lowerBound(this.lines.length, (i) => this.lines[i]! > line);
    return lines ? this.text.slice(0, this.ends[lines - 1]) : "";
  }

  mark(needle: string, marks: Uint8Array): void {
    const text = this.lower;
    for (let at = text.indexOf(needle); at >= 0; at = text.indexOf(needle, at + 1)) {
      const last = at + needle.length;
      let i = lowerBound(this.ends.length, (k) => this.ends[k]! > at);
      for (; i < this.ends.length; i++) {
        if ((i ? this.ends[i - 1]! : 0) >= last) break;
        marks[this.lines[i]!] = 1;
      }
      at = Math.max(at, (this.ends[i - 1] ?? 0) - needle.length); // what lies before is marked already
    }
  }
}

export class Texts {
  #blocks: Grown[] = [];
  /** Lines of a content block that are no plain text: signatures, citations, unknown deltas. */
  #others: number[][] = [];
  #rest = new Grown();
  /** Lines that change the message outside of its content blocks. */
  message: number[] = [];
  done = 0;

  constructor(readonly recording: Recording) {}

  get ready(): boolean {
    return this.recording.body.length > 0 && this.done >= this.recording.count;
  }

  /** Read up to this line (exclusive), or for as long as the deadline allows. */
  read(end: number, deadline = Infinity): void {
    const { recording } = this;
    if (!recording.body.length) return;
    const last = Math.min(end, recording.count);
    while (this.done < last) {
      if ((this.done & 255) === 0 && performance.now() > deadline) return;
      this.#add(this.done++);
    }
  }

  #add(line: number): void {
    const { recording } = this;
    const kind = recording.kinds[line]!;
    const lane = recording.lanes[line]!;
    if (kind === Kind.messageStart || kind === Kind.messageDelta || kind === Kind.error) this.message.push(line);
    if (lane >= 0 && DELTA_TEXT[kind]) {
      const text = deltaText(parsedLine(recording, line), kind);
      if (text) return (this.#blocks[lane] ??= new Grown()).add(line, text);
    }
    if (lane >= 0 && isDelta(kind)) (this.#others[lane] ??= []).push(line);
    if (kind === Kind.ping || kind === Kind.blockStop || isDelta(kind)) return;
    this.#rest.add(line, contentOf(recording, line).text + "\n");
  }

  /** The text of a content block when this line had come. */
  textAt(lane: number, line: number): string {
    this.read(line + 1);
    return this.#blocks[lane]?.at(line) ?? "";
  }

  othersAt(lane: number, line: number): number[] {
    this.read(line + 1);
    return (this.#others[lane] ?? []).filter((other) => other <= line);
  }

  /** Mark the lines that hold this text, whatever its case. */
  find(text: string): Uint8Array {
    this.read(Infinity);
    const marks = new Uint8Array(this.recording.count);
    const needle = text.toLowerCase();
    for (const grown of [...this.#blocks, this.#rest]) grown?.mark(needle, marks);
    return marks;
  }
}
