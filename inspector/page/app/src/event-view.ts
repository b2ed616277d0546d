// One event: what is wrong with it, when it came, its JSON or its bytes.

import { bytesNodes } from "./bytes";
import { clippedText, jsonNodes } from "./clip";
import { contentOf } from "./content";
import { el, type Child } from "./dom";
import { type Finding, isEvent } from "./facts";
import { parsed } from "./json";
import { laneName } from "./lanes";
import type { Recording } from "./recording";
import { lineOf, worstFirst } from "./selection";
import { count, plural, size, visible } from "./text";
import { readWire, type Wire } from "./wire";

export function findingNode(finding: Finding, all: Finding[], onClick?: () => void): HTMLElement {
  const { severity, rule, message, event, offset } = finding;
  const place = [event !== null && `ev ${count(event)}`, offset !== null && `byte ${count(offset)}`].filter(Boolean).join(", ");
  const children: Child[] = [
    el("b", {}, `${all.indexOf(finding) + 1} of ${all.length} · ${severity} · ${visible(rule)}${place ? ` · ${place}` : ""}`),
    visible(message),
    finding.do && el("small", {}, visible(finding.do)),
  ];
  const className = `finding ${severity}`;
  if (onClick) return el("button", { className, onclick: onClick }, ...children); // no link can be inside
  return el("div", { className }, ...children, ruleLink(finding));
}

/** The link to the manual's page on the rule. It is followed on a click, and nothing is requested before. */
export function ruleLink({ page }: Finding): Child {
  return page && el("a", { href: page, target: "_blank", rel: "noopener", textContent: "About this rule" });
}

function findingsOf(recording: Recording, line: number): Finding[] {
  return worstFirst(recording.facts.findings.filter((finding) => lineOf(finding, recording) === line));
}

export function eventView(recording: Recording, line: number, as: "json" | "bytes"): Child[] {
  if (line < 0) return [el("p", { className: "caption" }, "No event is selected.")];
  const found = findingsOf(recording, line).slice(0, 50).map((finding) => findingNode(finding, recording.facts.findings));
  const text = recording.line(line);
  if (!text) return [...found, el("p", { className: "caption" }, "Reading …")];
  const wire = readWire(text);
  return [...found, caption(recording, line, wire), as === "bytes" ? wireBytes(wire, text) : json(wire, text)];
}

function caption(recording: Recording, line: number, wire: Wire): HTMLElement {
  const kind = recording.kinds[line]!;
  const lane = recording.lane(line);
  const name = isEvent(kind) ? `ev ${count(recording.numbers[line]!)} · ${wire.event ?? "(unnamed)"}` : contentOf(recording, line).name;
  const facts = [
    lane && laneName(lane),
    when(recording, line),
    wire.from ? size(wire.bytes.length) : "no part of the body",
    wire.cuts.length > 0 && `came in ${plural(wire.cuts.length + 1, "read")}: ${wire.cuts.map(([at, t]) => `${plural(at, "byte")} at ${t} s`).join(", ")}`,
  ];
  return el("p", { className: "caption" }, el("b", {}, visible(name)), ` · ${visible(facts.filter(Boolean).join(" · "))}`);
}

function when(recording: Recording, line: number): string {
  if (!recording.facts.timed) return "time unknown";
  const at = `${recording.times[line]!.toFixed(6)} s`;
  return line ? `${at}, ${recording.gap(line).toFixed(6)} s after the line before` : `${at} after the request`;
}

function json(wire: Wire, line: string): Node {
  const text = wire.data ?? (wire.from ? undefined : line);
  const value = parsed(text);
  if (text !== undefined && value !== undefined) return typeof value === "string" ? plain(value) : jsonNodes(text);
  return wire.from === "undecoded" ? bytesNodes(wire.bytes) : plain(wire.from ? new TextDecoder().decode(wire.bytes) : line);
}

const plain = (text: string): Node => el("pre", {}, ...clippedText(text));

function wireBytes(wire: Wire, line: string): Node {
  if (wire.from) return bytesNodes(wire.bytes);
  return el("div", {}, el("p", { className: "caption" }, "This line of the recording stands for no bytes of the body."), plain(line));
}
