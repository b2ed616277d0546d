// The request and both sides' headers, as the recording's head has them. Withheld headers are named, without values.

import { clippedText, jsonNodes } from "./clip";
import { el, type Child } from "./dom";
import { members, parsed } from "./json";
import type { Recording } from "./recording";
import { visible } from "./text";

/** Characters of the body before the headers. */
const MOST = 4000;

export function requestView(recording: Recording): Child[] {
  const head = members(recording.head);
  const request = members(head.get("request") ?? "{}");
  const response = head.get("response") ? members(head.get("response")!) : undefined;
  const { facts } = recording;
  const views: Child[] = [el("h2", {}, visible(`${facts.method ?? ""} ${facts.url ?? ""}`))];
  const body = request.get("body");
  const raw = parsed(request.get("raw"));
  if (body && body !== "null") views.push(jsonNodes(body, MOST));
  else if (typeof raw === "string") views.push(el("pre", {}, ...clippedText(raw, "start", MOST)));
  views.push(headers(request, "Request header"));
  if (response) {
    views.push(el("h2", {}, `Response: ${facts.status ?? ""} ${visible(facts.http ?? "")}`), headers(response, "Response header"));
  } else views.push(el("h2", {}, "No response came"));
  const recorder = head.get("recorder");
  if (recorder) views.push(el("h2", {}, "Recorder"), jsonNodes(recorder));
  const notes = [
    facts.masked.length && `Hidden in this recording: ${facts.masked.join(", ")}.`,
    facts.absent.length && `Its source did not have: ${facts.absent.join(", ")}.`,
  ];
  for (const note of notes) if (note) views.push(el("p", { className: "caption" }, visible(note)));
  return views;
}

function headers(side: Map<string, string>, title: string): HTMLElement {
  const kept = Object.entries((parsed(side.get("headers")) ?? {}) as Record<string, unknown>);
  const withheld = (parsed(side.get("withheld")) ?? []) as unknown[];
  const row = (name: string, value: string, className = ""): HTMLElement =>
    el("tr", {}, el("td", {}, visible(name)), el("td", { className }, visible(value)));
  const rows = [
    ...kept.map(([name, value]) => row(name, String(value))),
    ...withheld.map((name) => row(String(name), "withheld: the recorder did not keep its value", "withheld")),
  ];
  return el("table", {}, el("thead", {}, el("tr", {}, el("th", {}, title), el("th", {}, "value"))), el("tbody", {}, ...rows));
}
