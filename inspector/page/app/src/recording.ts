// One recording: its facts, its columns, and its lines as bytes. Everything is an array with one entry a line.
// A recording can grow: `append` takes lines that came later, and `update` their facts.
//
// If a recording has no times, its lines stand one second apart, so that what came after what can still be seen.

import { COLUMNS_OF_A_LINE, readColumns } from "./decode";
import { type BlockFacts, type Facts, isEvent, Kind } from "./facts";

const utf8 = new TextDecoder();

export interface Span {
  block: BlockFacts;
  /** Its place in `facts.blocks`. */
  index: number;
  t0: number;
  t1: number;
}

export class Recording {
  /** Number of lines after the head. */
  count = 0;
  /** Seconds since the request was sent. */
  times = new Float64Array(0);
  /** Where each line begins in `body`; one entry more than lines. */
  offsets = new Float64Array(1);
  kinds = new Uint8Array(0);
  /** Index of the content block as the stream says, -1 for none. */
  blocks = new Int16Array(0);
  /** Index into `facts.blocks`, -1 for none. A stream may use one block index twice. */
  lanes = new Int32Array(0);
  /** Number of the event, from 1; for a line without an event, the number of the event before. */
  numbers = new Uint32Array(0);
  /** The file's bytes, or none while they are being unpacked. */
  body: Uint8Array = new Uint8Array(0);
  /** The content blocks, with when they began and ended. */
  spans: Span[] = [];
  #open = new Map<number, number>();
  #kindLines = new Map<number, number[]>();
  #ticks = 0;

  constructor(public facts: Facts, columns: Uint8Array) {
    this.offsets[0] = facts.first;
    this.#add(columns);
    this.update(facts);
  }

  /** Take lines that came later. */
  append(columns: Uint8Array, lines: Uint8Array): void {
    const before = this.count;
    const body = new Uint8Array(this.body.length + lines.length);
    body.set(this.body);
    body.set(lines, this.body.length);
    this.body = body;
    this.#add(columns);
    this.#findLanes(before);
  }

  /** Take the facts anew. */
  update(facts: Facts): void {
    this.facts = facts;
    this.#open.clear();
    this.spans = [];
    this.#findLanes(0);
  }

  /** Find the content block of each line. Blocks that the facts do not know yet are read from their first line. */
  #findLanes(from: number): void {
    const { blocks } = this.facts;
    for (let i = from; i < this.count; i++) {
      const block = this.blocks[i]!;
      if (block < 0) continue;
      if (this.kinds[i] === Kind.blockStart) {
        const index = this.spans.length;
        blocks[index] ??= this.#started(i);
        this.spans.push({ block: blocks[index]!, index, t0: this.times[i]!, t1: this.times[i]! });
        this.#open.set(block, index);
      }
      const lane = (this.lanes[i] = this.#open.get(block) ?? -1);
      if (lane < 0) continue;
      this.spans[lane]!.t1 = this.times[i]!;
      blocks[lane]!.last = Math.max(i, blocks[lane]!.last);
      blocks[lane]!.closed ||= this.kinds[i] === Kind.blockStop;
    }
  }

  #started(line: number): BlockFacts {
    const start = JSON.parse(this.line(line)).data.content_block ?? {};
    const t = this.times[line]!;
    return { index: this.blocks[line]!, kind: String(start.type), name: start.name ?? "", first: line, last: line, t0: t, t1: t, closed: false };
  }

  #add(bytes: Uint8Array): void {
    const { tick, timed } = this.facts;
    const added = bytes.length / COLUMNS_OF_A_LINE;
    const columns = readColumns(bytes, added);
    const before = this.count;
    this.#kindLines.clear();
    this.count += added;
    this.times = grown(this.times, this.count);
    this.offsets = grown(this.offsets, this.count + 1);
    this.kinds = grown(this.kinds, this.count);
    this.blocks = grown(this.blocks, this.count);
    this.lanes = grown(this.lanes, this.count).fill(-1, before);
    this.numbers = grown(this.numbers, this.count);
    this.kinds.set(columns.kinds, before);
    this.blocks.set(columns.blocks, before);
    let number = before ? this.numbers[before - 1]! : 0;
    for (let i = before; i < this.count; i++) {
      this.#ticks += columns.gaps[i - before]!; // whole ticks, so that no rounding adds up
      this.times[i] = timed ? this.#ticks * tick : i + 1;
      this.offsets[i + 1] = this.offsets[i]! + columns.lengths[i - before]!;
      if (isEvent(this.kinds[i]!)) number++;
      this.numbers[i] = number;
    }
  }

  get duration(): number {
    return Math.max(this.facts.duration ?? 0, this.count ? this.times[this.count - 1]! : 0);
  }

  /** The seconds since the line before; the first one has none. */
  gap(line: number): number {
    return line ? this.times[line]! - this.times[line - 1]! : 0;
  }

  /** The content block of a line. */
  lane(line: number): BlockFacts | undefined {
    return this.facts.blocks[this.lanes[line]!];
  }

  /** The recording's line as text, without its newline. Bytes that are not UTF-8 become replacement characters. */
  line(line: number): string {
    if (!this.body.length) return "";
    return utf8.decode(this.body.subarray(this.offsets[line]!, this.offsets[line + 1]!)).trimEnd();
  }

  get head(): string {
    return utf8.decode(this.body.subarray(0, this.facts.first));
  }

  /** The lines of this kind. */
  linesOf(kind: number): number[] {
    const known = this.#kindLines.get(kind);
    if (known) return known;
    const lines: number[] = [];
    for (let i = 0; i < this.count; i++) if (this.kinds[i] === kind) lines.push(i);
    this.#kindLines.set(kind, lines);
    return lines;
  }

  /** The first line at or after a time. */
  lineAt(t: number): number {
    return lowerBound(this.count, (i) => this.times[i]! >= t);
  }

  /** The last line at or before a time; the first line if there is none. */
  lineBefore(t: number): number {
    return Math.max(0, lowerBound(this.count, (i) => this.times[i]! > t) - 1);
  }

  /** The line of an event's number, or -1. */
  lineOfEvent(number: number): number {
    const line = lowerBound(this.count, (i) => this.numbers[i]! >= number);
    return line < this.count && this.numbers[line] === number ? line : -1;
  }
}

/** Return a recording of nothing, for a page that waits for its first one. */
export function nothingYet(): Recording {
  const text = "Waiting for the first request";
  const facts: Facts = {
    name: "live", at: null, request_id: null, model: null, method: null, url: null, status: null, http: null, tick: 1e-6,
    first: 0, count: 0, events: 0, bytes: 0, reads: 0, timed: true, absent: [], masked: [], outcome: "", stop_reason: null,
    headline: { level: "ok", parts: [{ text }] }, numbers: [], end: null, duration: 0, findings: [], blocks: [], shares: [],
    silences: [], usage: [], sdk: [], body: { kind: "stream" },
  };
  return new Recording(facts, new Uint8Array(0));
}

/** Return the first index for which `reached` holds, or `count`. It must hold for all indexes after that. */
export function lowerBound(count: number, reached: (index: number) => boolean): number {
  let low = 0;
  let high = count;
  while (low < high) {
    const middle = (low + high) >>> 1;
    if (reached(middle)) high = middle;
    else low = middle + 1;
  }
  return low;
}

type Numbers = Float64Array | Uint32Array | Int32Array | Int16Array | Uint8Array;

function grown<T extends Numbers>(array: T, length: number): T {
  const bigger = new (array.constructor as new (length: number) => T)(length);
  bigger.set(array);
  return bigger;
}
