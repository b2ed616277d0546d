// Usage over time: what the API said of tokens, each time it said it. Nothing is guessed between.

import { el, type Child } from "./dom";
import type { UsageFacts } from "./facts";
import { palette } from "./palette";
import type { Recording } from "./recording";
import { prepared } from "./scene";
import { count, span } from "./text";

const COLUMNS: [keyof UsageFacts, string][] = [
  ["input", "input"], ["output", "output"], ["cache_read", "cache read"], ["cache_write", "cache write"], ["thinking", "thinking"],
];

export function usageView(recording: Recording, onLine: (line: number) => void): Child[] {
  const { usage } = recording.facts;
  if (!usage.length) return [el("p", { className: "caption" }, "The API said nothing of usage.")];
  const used = COLUMNS.filter(([key]) => usage.some((each) => each[key]));
  const head = el("tr", {}, el("th", {}, "at"), ...used.map(([, name]) => el("th", { className: "num" }, name)));
  const rows = usage.map((each) => {
    const time = el("button", { textContent: recording.facts.timed ? span(each.t) : `line ${each.line}`, onclick: () => onLine(each.line) });
    const cells = used.map(([key]) => el("td", { className: "num" }, each[key] === null ? "" : count(each[key])));
    return el("tr", {}, el("td", {}, time), ...cells);
  });
  const canvas = el("canvas", { className: "usage", role: "img", ariaLabel: "Output tokens over time, as in the table" });
  if (usage.length > 1) requestAnimationFrame(() => drawUsage(canvas, recording));
  return [usage.length > 1 && canvas, el("table", {}, el("thead", {}, head), el("tbody", {}, ...rows))];
}

/** A step at each usage: the count holds until the next one. */
function drawUsage(canvas: HTMLCanvasElement, recording: Recording): void {
  const { clientWidth: width, clientHeight: height } = canvas;
  const { usage } = recording.facts;
  const colors = palette();
  const context = prepared(canvas, width, height, devicePixelRatio);
  const most = Math.max(1, ...usage.map((each) => each.output ?? 0));
  const bottom = height - 16;
  context.strokeStyle = context.fillStyle = colors.text;
  context.lineWidth = 2;
  context.beginPath();
  context.moveTo(0, bottom);
  let before = bottom;
  for (const { t, output } of usage) {
    const x = (width - 70) * (t / recording.duration);
    const y = bottom - ((output ?? 0) / most) * (bottom - 14);
    context.lineTo(x, before);
    context.lineTo(x, (before = y));
  }
  context.stroke();
  context.fillText(`${count(most)} out`, width - 66, 14);
  context.fillStyle = colors.dim;
  context.fillText(span(recording.duration), width - 66, height - 7);
}
