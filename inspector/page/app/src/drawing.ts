// The waterfall's still picture: axis, silences, pings, lanes, rate and usage.

import { isOpen, Kind, type Silence, type Watchdog } from "./facts";
import { drawLanes, layout, type Place } from "./lanes";
import { type Alarm, alarm, crossed, notable } from "./patience";
import { lowerBound, type Recording } from "./recording";
import type { Scale } from "./scale";
import { beside, POINTS, type Scene } from "./scene";
import { plural, span } from "./text";

export function draw(scene: Scene): void {
  const { context, palette, width, height } = scene;
  context.fillStyle = palette.panel;
  context.fillRect(0, 0, width, height);
  drawAxis(scene);
  context.save();
  context.beginPath();
  context.rect(scene.scale.left - 1, 0, scene.scale.right - scene.scale.left + 2, height);
  context.clip();
  if (scene.scale.timed) drawWaiting(scene);
  const silences = shownSilences(scene);
  for (const silence of silences) shade(scene, silence.t0, silence.t1, alarmOf(silence) ? palette.amber : palette.quiet);
  for (const silence of silences) drawWatchdogs(scene, silence);
  drawPings(scene);
  drawLanes(scene, layout(scene));
  labelSilences(scene, silences);
  if (scene.scale.timed) drawRate(scene);
  drawEnd(scene);
  context.restore();
}

function drawAxis({ context, palette, recording, scale, rows: { pings, rate, axis } }: Scene): void {
  const { step } = scale;
  context.textAlign = "center";
  for (const tick of scale.ticks) {
    const x = Math.round(scale.x(tick + scale.origin));
    context.fillStyle = palette.line;
    context.fillRect(x, pings, 1, rate - pings + 3);
    context.fillStyle = palette.dim;
    const label = scale.label(tick, step);
    const half = context.measureText(label).width / 2;
    context.fillText(label, Math.min(Math.max(x, half + 2), scale.right - half + 4), axis - 3);
  }
  context.textAlign = "left";
  if (scale.left < 50) return;
  context.fillStyle = palette.dim;
  const [point] = POINTS.filter((kind) => recording.linesOf(kind).length);
  if (point !== undefined) context.fillText(point === Kind.ping ? "pings" : point === Kind.error ? "errors" : "others", 14, pings + 6);
  if (scale.timed) context.fillText("events/s", 10, rate - 22);
}

/** Before the first event there is nothing to see but the wait itself. */
function drawWaiting(scene: Scene): void {
  const { context, palette, recording, scale, rows: { pings, bottom } } = scene;
  const until = recording.count ? recording.times[0]! : recording.duration;
  const x = scale.x(until);
  if (x - scale.left < 3) return;
  context.fillStyle = palette.quiet;
  context.fillRect(scale.left, pings, x - scale.left, bottom - pings);
  if (x - scale.left > 60) beside(scene, `waiting ${span(until)}`, scale.left, bottom - 10, palette.dim);
}

const alarmOf = ({ t0, t1, by }: Silence): Alarm => alarm(t1 - t0, by);
const dogsOf = ({ t0, t1, by }: Silence): Watchdog[] => crossed(t1 - t0, by);

/** The silences in the window. One by bytes says nothing new inside of one by content, unless somebody minds it. */
function shownSilences({ recording, scale: { from, to } }: Scene): Silence[] {
  const all = notable(recording);
  const inside = (s: Silence): boolean => all.some((other) => other !== s && other.t0 <= s.t0 && s.t1 <= other.t1 && other.by === "content");
  return all.filter((s) => s.t1 >= from && s.t0 <= to && (dogsOf(s).length > 0 || s.by === "content" || !inside(s)));
}

function shade({ context, scale, rows: { pings, bottom } }: Scene, t0: number, t1: number, color: string): void {
  context.fillStyle = color;
  context.fillRect(scale.x(t0), pings, Math.max(1, scale.x(t1) - scale.x(t0)), bottom - pings);
}

/** A silence is red from the moment at which the first watchdog would have ended it. */
function drawWatchdogs(scene: Scene, silence: Silence): void {
  const { context, palette, scale, rows: { pings, bottom } } = scene;
  const dogs = dogsOf(silence);
  const first = dogs.find((dog) => dog.gives_up);
  if (first) shade(scene, silence.t0 + first.seconds, silence.t1, palette.red);
  let free = -Infinity;
  for (const dog of dogs) {
    const x = Math.round(scale.x(silence.t0 + dog.seconds));
    context.fillStyle = dog.gives_up ? palette.error : palette.warning;
    for (let y = pings; y < bottom; y += 6) context.fillRect(x, y, 1, 3);
    const label = `${dog.seconds} s: ${dog.name}${dog.gives_up ? "" : " complains"}`;
    const wide = context.measureText(label).width;
    if (x - wide - 4 < Math.max(free, scale.x(silence.t0), scale.left)) continue;
    context.fillText(label, x - wide - 4, bottom - 8);
    free = x;
  }
}

function labelSilences(scene: Scene, silences: Silence[]): void {
  const { context, palette, scale, rows } = scene;
  const taken: [number, number][] = [];
  context.save();
  context.font = `bold ${context.font}`;
  for (const silence of silences) {
    const x = Math.min(Math.max(scale.left, scale.x(silence.t1)), scale.right);
    const dog = dogsOf(silence).findLast((each) => each.gives_up);
    const text = span(silence.t1 - silence.t0) + (dog && scale.left > 50 ? ` · past ${dog.seconds} s` : "");
    const wide = context.measureText(text).width + 12;
    const left = x + wide > scale.right ? x - wide : x;
    if (taken.some(([a, b]) => left < b && left + wide > a)) continue;
    taken.push([left, left + wide]);
    beside(scene, text, x, rows.labels, palette[alarmOf(silence) || "dim"]);
  }
  context.restore();
}

function drawPings({ context, palette, recording, scale, rows: { pings } }: Scene): void {
  const mark = (lines: number[], color: string, width: number): void => {
    context.fillStyle = color;
    for (let i = 0; i < lines.length; ) {
      const x = Math.max(Math.round(scale.x(recording.times[lines[i]!]!)), scale.left - 1);
      if (x > scale.right) return;
      if (x >= scale.left) context.fillRect(x, pings + 1, width, 10);
      const next = scale.t(x + 0.5); // there may be millions: one a pixel is enough
      i = Math.max(i + 1, lowerBound(lines.length, (k) => recording.times[lines[k]!]! >= next));
    }
  };
  mark(recording.linesOf(Kind.noEvent), palette.bars, 1);
  mark(recording.linesOf(Kind.ping), palette.dim, 1);
  mark(recording.linesOf(Kind.error), palette.error, 3);
}

const BIN = 4;

/** A rate shows gaps; a line that only rises would hide them. */
function drawRate(scene: Scene): void {
  const { context, palette, recording, scale, rows: { rate } } = scene;
  const bins = rates(recording, scale, BIN);
  const most = Math.max(1, ...bins);
  context.fillStyle = palette.bars;
  bins.forEach((events, bin) => {
    const tall = (32 * events) / most;
    if (events) context.fillRect(scale.left + bin * BIN, rate - tall, BIN - 1, tall);
  });
  drawUsage(scene, rate);
}

/** How many lines came in each stretch of that many pixels. */
export function rates(recording: Recording, scale: Scale, pixels: number): number[] {
  const bins = Math.ceil((scale.right - scale.left) / pixels);
  let before = recording.lineAt(scale.from);
  return Array.from({ length: bins }, (_, bin) => {
    const line = recording.lineAt(scale.t(scale.left + (bin + 1) * pixels));
    const came = line - before;
    before = line;
    return came;
  });
}

function drawUsage(scene: Scene, rate: number): void {
  const { context, palette, recording, scale } = scene;
  let free = -Infinity;
  for (const usage of recording.facts.usage) {
    const x = Math.round(scale.x(usage.t));
    if (usage.output === null || x < scale.left || x > scale.right) continue;
    context.fillStyle = palette.ink;
    context.fillRect(x, rate - 42, 1.5, 42);
    const text = plural(usage.output, "token");
    const wide = context.measureText(text).width + 10;
    const start = x + wide > scale.right ? x - wide : x;
    if (start < free) continue;
    free = start + wide;
    beside(scene, text, x, rate - 38, palette.ink);
  }
}

function drawEnd(scene: Scene): void {
  const { context, palette, recording, scale, rows: { top, bottom, rate } } = scene;
  const end = recording.facts.end;
  const t = end && scale.timed ? end.t : recording.duration;
  const x = Math.round(scale.x(t));
  const good = end?.how === "complete";
  if (x < scale.left || x > scale.right + 1) return;
  context.fillStyle = good || isOpen(recording.facts) ? palette.dim : palette.error;
  context.fillRect(x - 1, top, good ? 1 : 2, rate - top);
  if (!good && !isOpen(recording.facts)) beside(scene, end ? end.how : "no end: the recorder died", x, bottom - 10, palette.error);
}

/** The line nearest to a place in the picture, of that lane if it has one there. */
export function nearest(place: Place, x: number, y: number): number {
  const { recording, scale, rows: { pings, top } } = place;
  const lane = layout(place).find((each) => {
    const inside = y >= each.y && y < each.y + each.height;
    return inside && x >= scale.x(each.t0) - 6 && x <= scale.x(each.t1) + 6;
  });
  const fits = (line: number): boolean =>
    lane ? recording.lanes[line] === lane.index : y >= pings && y < Math.min(top, pings + 14) ? recording.kinds[line] === Kind.ping : true;
  const t = scale.t(x);
  const near = lowerBound(recording.count, (i) => recording.times[i]! >= t);
  let best = -1;
  for (let reach = 0; reach < 5000; reach++) {
    for (const line of [near - reach, near + reach]) {
      if (line < 0 || line >= recording.count || !fits(line)) continue;
      if (best < 0 || Math.abs(recording.times[line]! - t) < Math.abs(recording.times[best]! - t)) best = line;
    }
    if (best >= 0) return best;
  }
  return Math.min(near, recording.count - 1);
}
