// The waterfall's still picture: axis, silences, pings, lanes, rate and usage.

import { Kind, type Silence, type Watchdog } from "./facts";
import { drawLanes, layout } from "./lanes";
import { lowerBound } from "./recording";
import { beside, rows, type Scene } from "./scene";
import { count, moment, span } from "./text";

export function draw(scene: Scene): void {
  const { context, palette, width, height } = scene;
  context.fillStyle = palette.panel;
  context.fillRect(0, 0, width, height);
  drawAxis(scene);
  context.save();
  context.beginPath();
  context.rect(scene.scale.left - 1, 0, scene.scale.right - scene.scale.left + 2, height);
  context.clip();
  drawWaiting(scene);
  const silences = shownSilences(scene);
  for (const silence of silences) drawSilence(scene, silence);
  drawPings(scene);
  drawLanes(scene, layout(scene.recording, scene.scale.from, scene.scale.to, height));
  labelSilences(scene, silences);
  drawRate(scene);
  drawEnd(scene);
  context.restore();
}

function drawAxis({ context, palette, scale, height }: Scene): void {
  const { pings, rate, axis } = rows(height);
  const { step } = scale;
  context.textAlign = "center";
  for (const tick of scale.ticks) {
    const x = Math.round(scale.x(tick + scale.origin));
    context.fillStyle = palette.line;
    context.fillRect(x, pings, 1, rate - pings + 3);
    context.fillStyle = palette.dim;
    const label = moment(tick, step);
    const half = context.measureText(label).width / 2;
    context.fillText(label, Math.min(Math.max(x, half + 2), scale.right - half + 4), axis - 3);
  }
  context.textAlign = "left";
  if (scale.left < 50) return;
  context.fillStyle = palette.dim;
  context.fillText("pings", 14, pings + 6);
  context.fillText("events/s", 10, rate - 22);
}

/** Before the first event there is nothing to see but the wait itself. */
function drawWaiting(scene: Scene): void {
  const { context, palette, recording, scale, height } = scene;
  const until = recording.count ? recording.times[0]! : recording.duration;
  const x = scale.x(until);
  if (x - scale.left < 3) return;
  const { pings, bottom } = rows(height);
  context.globalAlpha = 0.5;
  context.fillStyle = palette.line;
  context.fillRect(scale.left, pings, x - scale.left, bottom - pings);
  context.globalAlpha = 1;
  if (x - scale.left > 60) beside(scene, `waiting ${span(until)}`, scale.left, bottom - 10, palette.dim);
}

/** The silences worth a shade: long ones, or those that take a good part of the whole. */
function shownSilences({ recording, scale }: Scene): Silence[] {
  const least = Math.min(5, Math.max(0.5, recording.duration * 0.12));
  return recording.facts.silences.filter((s) => s.t1 - s.t0 >= least && s.t1 >= scale.from && s.t0 <= scale.to);
}

/** The watchdogs that would have ended a wait like this, the shortest first. */
function crossed({ recording }: Scene, silence: Silence): Watchdog[] {
  const length = silence.t1 - silence.t0;
  const dogs = recording.facts.watchdogs.filter((dog) => dog.measures === silence.by && dog.seconds <= length);
  return dogs.sort((a, b) => a.seconds - b.seconds);
}

function drawSilence(scene: Scene, silence: Silence): void {
  const { context, palette, scale, height } = scene;
  const { pings, bottom } = rows(height);
  const shade = (t0: number, t1: number, color: string): void => {
    context.fillStyle = color;
    context.fillRect(scale.x(t0), pings, Math.max(1, scale.x(t1) - scale.x(t0)), bottom - pings);
  };
  const dogs = crossed(scene, silence);
  const limit = dogs[0] ? silence.t0 + dogs[0].seconds : silence.t1;
  shade(silence.t0, limit, palette.amber);
  if (dogs[0]) shade(limit, silence.t1, palette.red);
  let free = -Infinity;
  for (const dog of dogs) {
    const x = Math.round(scale.x(silence.t0 + dog.seconds));
    context.fillStyle = palette.error;
    for (let y = pings; y < bottom; y += 6) context.fillRect(x, y, 1, 3);
    const label = `${dog.seconds} s: ${dog.name}`;
    const wide = context.measureText(label).width;
    if (x - wide - 4 < Math.max(free, scale.x(silence.t0), scale.left)) continue;
    context.fillText(label, x - wide - 4, bottom - 8);
    free = x;
  }
}

function labelSilences(scene: Scene, silences: Silence[]): void {
  const { context, palette, scale, height } = scene;
  const taken: [number, number][] = [];
  context.save();
  context.font = `bold ${context.font}`;
  for (const silence of silences) {
    const x = Math.min(Math.max(scale.left, scale.x(silence.t1)), scale.right);
    const dog = crossed(scene, silence).at(-1);
    const text = span(silence.t1 - silence.t0) + (dog && scale.left > 50 ? ` · past ${dog.seconds} s` : "");
    const wide = context.measureText(text).width + 12;
    const left = x + wide > scale.right ? x - wide : x;
    if (taken.some(([a, b]) => left < b && left + wide > a)) continue;
    taken.push([left, left + wide]);
    beside(scene, text, x, rows(height).top + 6, dog ? palette.error : palette.warning);
  }
  context.restore();
}

function drawPings({ context, palette, recording, scale, height }: Scene): void {
  const { pings } = rows(height);
  const end = recording.lineAt(scale.to);
  let last = -1;
  for (let i = recording.lineAt(scale.from); i < end; i++) {
    const kind = recording.kinds[i]!;
    if (kind !== Kind.ping && kind !== Kind.noEvent && kind !== Kind.error) continue;
    const x = Math.round(scale.x(recording.times[i]!));
    if (x === last && kind !== Kind.error) continue;
    last = x;
    context.fillStyle = kind === Kind.error ? palette.error : kind === Kind.ping ? palette.dim : palette.bars;
    context.fillRect(x, pings + 1, kind === Kind.error ? 3 : 1, 10);
  }
}

const BIN = 4;

/** A rate shows gaps; a line that only rises would hide them. */
function drawRate(scene: Scene): void {
  const { context, palette, recording, scale, height } = scene;
  const { rate } = rows(height);
  const bins = new Uint32Array(Math.ceil((scale.right - scale.left) / BIN) + 1);
  const end = recording.lineAt(scale.to);
  let most = 1;
  for (let i = recording.lineAt(scale.from); i < end; i++) {
    const bin = Math.floor((scale.x(recording.times[i]!) - scale.left) / BIN);
    const events = ++bins[bin]!;
    if (events > most) most = events;
  }
  context.fillStyle = palette.bars;
  bins.forEach((events, bin) => {
    const tall = (32 * events) / most;
    if (events) context.fillRect(scale.left + bin * BIN, rate - tall, BIN - 1, tall);
  });
  drawUsage(scene, rate);
}

function drawUsage(scene: Scene, rate: number): void {
  const { context, palette, recording, scale } = scene;
  let free = -Infinity;
  for (const usage of recording.facts.usage) {
    const x = Math.round(scale.x(usage.t));
    if (usage.output === null || x < scale.left || x > scale.right) continue;
    context.fillStyle = palette.ink;
    context.fillRect(x, rate - 42, 1.5, 42);
    const text = `${count(usage.output)} tokens`;
    const wide = context.measureText(text).width + 10;
    const start = x + wide > scale.right ? x - wide : x;
    if (start < free) continue;
    free = start + wide;
    beside(scene, text, x, rate - 38, palette.ink);
  }
}

function drawEnd(scene: Scene): void {
  const { context, palette, recording, scale, height } = scene;
  const { pings, rate } = rows(height);
  const end = recording.facts.end;
  const t = end ? end.t : recording.duration;
  const x = Math.round(scale.x(t));
  const good = end?.how === "complete";
  if (x < scale.left || x > scale.right + 1) return;
  context.fillStyle = good ? palette.dim : palette.error;
  context.fillRect(x - 1, pings, good ? 1 : 2, rate - pings);
  if (!good) beside(scene, end ? end.how : "no end: the recorder died", x, rows(height).bottom - 10, palette.error);
}

/** The line nearest to a place in the picture, of that lane if it has one there. */
export function nearest(scene: Pick<Scene, "recording" | "scale" | "height">, x: number, y: number): number {
  const { recording, scale, height } = scene;
  const { pings } = rows(height);
  const lane = layout(recording, scale.from, scale.to, height).find((each) => {
    const inside = y >= each.y && y < each.y + each.height;
    return inside && x >= scale.x(each.t0) - 6 && x <= scale.x(each.t1) + 6;
  });
  const fits = (line: number): boolean =>
    lane ? recording.lanes[line] === lane.index : y < pings + 14 ? recording.kinds[line] === Kind.ping : true;
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
