// Content blocks as lanes: a bar from start to stop, and in it a mark at each pixel where events came. Only blocks
// in the window get a lane, so zooming makes lanes taller; in tall ones the deltas' own text stands under its marks.

import { deltaText } from "./content";
import { type BlockFacts, Kind } from "./facts";
import { family, spoken } from "./palette";
import type { Span } from "./recording";
import { patch, type Scene } from "./scene";
import { visible } from "./text";

export interface Lane extends Span {
  y: number;
  height: number;
}

/** What is where in a picture. */
export type Place = Pick<Scene, "recording" | "scale" | "rows">;

const LEAST = 4.5;
const MOST = 64;

/** Lay out the lanes of a window. If there are more than fit, the staircase begins again at the top. */
export function layout({ recording, scale: { from, to }, rows: { top, bottom } }: Place): Lane[] {
  const seen = recording.spans.filter(({ t0, t1 }) => t1 >= from && t0 <= to);
  const fit = Math.max(1, Math.floor((bottom - top) / LEAST));
  const each = Math.min(MOST, (bottom - top) / Math.min(fit, Math.max(1, seen.length)));
  return seen.map((span, i) => ({ ...span, y: top + (i % fit) * each, height: each }));
}

/** Return the label of a content block: its index and its tool's name or its kind. */
export function laneName(block: BlockFacts): string {
  return `${block.index} ${visible(block.name || spoken(block.kind)).slice(0, 40)}`;
}

export function drawLanes(scene: Scene, lanes: Lane[]): void {
  const { context, scale, palette } = scene;
  for (const lane of lanes) {
    const { x0, x1, height } = bar(scene, lane);
    context.globalAlpha = 0.28;
    context.fillStyle = palette[family(lane.block.kind)];
    context.fillRect(x0, lane.y + 1, x1 - x0, height);
  }
  context.globalAlpha = 1;
  drawMarks(scene, lanes);
  const taken: Box[] = [];
  // A staircase that begins again and again has no room for labels between its steps.
  if (lanes.length <= 2 * new Set(lanes.map(({ y }) => y)).size) for (const lane of lanes) drawLabel(scene, lane, taken);
  if (lanes.length && lanes[0]!.height >= 34 && scale.perSecond > 60) drawTexts(scene, lanes);
}

function bar({ scale }: Scene, lane: Lane): { x0: number; x1: number; height: number } {
  const x0 = Math.max(scale.left, scale.x(lane.t0));
  const x1 = Math.min(scale.right, Math.max(x0 + 2, scale.x(lane.t1)));
  return { x0, x1, height: lane.height < 30 ? lane.height * 0.82 : lane.height * 0.5 };
}

/** Draw how many events came at each pixel of each lane. It takes a step a pixel, however many lines there are. */
function drawMarks(scene: Scene, lanes: Lane[]): void {
  const { recording, scale } = scene;
  const byIndex = new Map(lanes.map((lane) => [lane.index, lane]));
  const runs: [Lane, number, number][] = [];
  let most = 1;
  const add = (index: number, x: number, count: number): void => {
    const lane = byIndex.get(index);
    if (lane) runs.push([lane, x, count]);
    if (count > most) most = count;
  };
  let line = recording.lineAt(scale.t(scale.left - 0.5));
  for (let x = Math.floor(scale.left); x <= scale.right; x++) {
    const end = recording.lineAt(scale.t(x + 0.5));
    if (end > line && recording.lanes[line]! >= 0 && recording.lanes[line] === recording.lanes[end - 1]) {
      add(recording.lanes[line]!, x, end - line);
    } else {
      const counts = new Map<number, number>();
      for (let i = line; i < end; i++) counts.set(recording.lanes[i]!, (counts.get(recording.lanes[i]!) ?? 0) + 1);
      for (const [index, count] of counts) add(index, x, count);
    }
    line = end;
  }
  paint(scene, runs, Math.min(most, 12));
}

function paint(scene: Scene, runs: [Lane, number, number][], most: number): void {
  const { context, palette } = scene;
  let last: Lane | undefined;
  let height = 0;
  context.globalAlpha = 0.9;
  for (const [lane, x, count] of runs) {
    if (lane !== last) {
      context.fillStyle = palette[family(lane.block.kind)];
      ({ height } = bar(scene, lane));
      last = lane;
    }
    const tall = height * (0.5 + 0.5 * Math.min(1, count / most));
    context.fillRect(x - 0.5, lane.y + 1 + height - tall, 1, tall);
  }
  context.globalAlpha = 1;
}

interface Box {
  x: number;
  y: number;
  width: number;
}

/** Write a lane's label where it covers no other one, or not at all. */
function drawLabel(scene: Scene, lane: Lane, taken: Box[]): void {
  const { context, palette, scale } = scene;
  const { x0, x1, height } = bar(scene, lane);
  const name = laneName(lane.block);
  const color = palette[family(lane.block.kind)];
  const width = context.measureText(name).width;
  const y = lane.y + 1 + height / 2;
  const free = (x: number): boolean =>
    x >= scale.left &&
    x + width <= scale.right &&
    !taken.some((box) => Math.abs(box.y - y) < 8 && x < box.x + box.width && x + width > box.x);
  const x = [x1 + 5, x0 - 5 - width, x0 + 6].find(free);
  if (x === undefined) return;
  taken.push({ x, y, width });
  context.fillStyle = color;
  if (x > x0 && x < x1) patch(scene, name, x, y, color);
  else context.fillText(name, x, y);
}

/** Write the deltas' text under their marks, as far as there is room before the next one. */
function drawTexts(scene: Scene, lanes: Lane[]): void {
  const { recording, scale, context, palette } = scene;
  const first = recording.lineAt(scale.from);
  const end = recording.lineAt(scale.to);
  if (end - first > 400 || !recording.body.length) return;
  const byIndex = new Map(lanes.map((lane) => [lane.index, lane]));
  const free = new Map<Lane, number>();
  context.fillStyle = palette.ink;
  for (let i = first; i < end; i++) {
    const lane = byIndex.get(recording.lanes[i]!);
    const kind = recording.kinds[i]!;
    if (!lane || kind < Kind.text || kind > Kind.inputJson) continue;
    const x = scale.x(recording.times[i]!);
    const text = visible(deltaText(recording, i)).slice(0, 60).trim();
    if (!text || x < (free.get(lane) ?? 0)) continue;
    context.fillText(text, x, lane.y + lane.height * 0.5 + 10);
    free.set(lane, x + context.measureText(text).width + 6);
  }
}
