// Which lines the list shows: by type, by content block, by gap, by text.
//
// In the box: `b17` a content block, `gap>2` lines after a longer wait, `ev 4210` goes to an event; the rest is text,
// which is also found where it is split over deltas.

import { byId, el } from "./dom";
import { Kind } from "./facts";
import type { Recording } from "./recording";
import type { Store } from "./store";
import { count } from "./text";
import type { Texts } from "./texts";

const GROUPS: [string, number[]][] = [
  ["message", [Kind.messageStart, Kind.messageDelta, Kind.messageStop, Kind.end]],
  ["blocks", [Kind.blockStart, Kind.blockStop]],
  ["text", [Kind.text]],
  ["thinking", [Kind.thinking]],
  ["tool input", [Kind.inputJson]],
  ["other deltas", [Kind.signature, Kind.citations, Kind.otherDelta]],
  ["pings", [Kind.ping]],
  ["errors", [Kind.error]],
  ["others", [Kind.otherEvent, Kind.noEvent, Kind.otherLine]],
];

export interface Query {
  event: number | undefined;
  block: number | undefined;
  gap: number | undefined;
  text: string;
}

export function readQuery(input: string): Query {
  const take = (pattern: RegExp): number | undefined => {
    const match = pattern.exec(input);
    if (match) input = input.replace(match[0], " ");
    return match ? Number(match[1]) : undefined;
  };
  const event = take(/^\s*ev\s*(\d+)\s*$/i);
  const block = take(/(?:^|\s)b(\d+)(?=\s|$)/i);
  const gap = take(/(?:^|\s)gap\s*>\s*(\d*\.?\d+)(?=\s|$)/i);
  return { event, block, gap, text: input.trim() };
}

/** Return the lines that pass, or null if all do. */
export function filtered(recording: Recording, texts: Texts, query: Query, groups: Set<string>): Uint32Array | null {
  const { text, block, gap } = query;
  if (!text && block === undefined && gap === undefined && !groups.size) return null;
  const kinds = new Uint8Array(256);
  for (const [name, members] of GROUPS) for (const kind of members) kinds[kind] = +(groups.has(name) || !groups.size);
  const marks = text ? texts.find(text) : null;
  const lines = new Uint32Array(recording.count);
  let passed = 0;
  for (let i = 0; i < recording.count; i++) {
    if (!kinds[recording.kinds[i]!] || (marks && !marks[i])) continue;
    if (block !== undefined && recording.blocks[i] !== block) continue;
    if (gap !== undefined && recording.gap(i) < gap) continue;
    lines[passed++] = i;
  }
  return lines.subarray(0, passed);
}

export class Filter {
  readonly input = el("input", {
    type: "search",
    placeholder: "Filter: text, b3, gap>2, ev 42",
    attrs: { "aria-label": "Filter events by text, block or gap" },
  });
  #chips = el("div", { id: "chips", attrs: { role: "group", "aria-label": "Types of events" } });
  #counted = el("output", { id: "counted" });
  #on = new Set<string>();

  constructor(private store: Store, private texts: () => Texts, private show: (lines: Uint32Array | null) => void) {
    byId("filter").append(this.#chips, this.input, this.#counted);
    let timer = 0;
    this.input.addEventListener("input", () => {
      clearTimeout(timer);
      timer = setTimeout(() => this.apply(), 60);
    });
    this.input.addEventListener("keydown", (event) => {
      if (event.key !== "Enter" && event.key !== "Escape") return;
      if (event.key === "Escape") this.input.value = "";
      this.apply();
      document.getElementById("list")?.focus();
    });
  }

  /** Offer the types that the recording has, and filter it as the box says. */
  renew(): void {
    const { kinds } = this.store.now.recording;
    const counts = new Uint32Array(256);
    for (const kind of kinds) counts[kind]!++;
    const present = GROUPS.map(([name]) => name).filter((_, i) => GROUPS[i]![1].some((kind) => counts[kind]));
    const offered = [...this.#chips.children].map((chip) => chip.textContent);
    if (present.length > 1 && present.join() !== offered.join()) this.#chips.replaceChildren(...present.map((name) => this.#chip(name)));
    if (present.length < 2) this.#chips.replaceChildren();
    this.apply();
  }

  #chip(name: string): HTMLElement {
    const toggle = (): void => {
      if (!this.#on.delete(name)) this.#on.add(name);
      button.ariaPressed = String(this.#on.has(name));
      this.apply();
    };
    const button = el("button", { onclick: toggle, ariaPressed: String(this.#on.has(name)) }, name);
    return button;
  }

  /** Filter again. */
  apply(): void {
    const { recording } = this.store.now;
    const query = readQuery(this.input.value);
    const named = query.event === undefined ? -1 : recording.lineOfEvent(query.event);
    if (named >= 0) this.store.set({ selected: named });
    const lost = query.event !== undefined && named < 0;
    const lines = filtered(recording, this.texts(), query, this.#on);
    this.input.ariaInvalid = String(lost || lines?.length === 0);
    const all = count(recording.facts.events);
    this.#counted.textContent = lost ? "no such event" : lines ? `${count(lines.length)} of ${count(recording.count)}` : `${all} events`;
    this.show(lines);
  }
}
