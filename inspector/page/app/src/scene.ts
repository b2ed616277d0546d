// What a drawing needs: where to draw, in which colours, and what. The same scene is drawn on the screen, into the
// saved picture and for print.

import { Kind } from "./facts";
import type { Palette } from "./palette";
import { notable } from "./patience";
import type { Recording } from "./recording";
import type { Scale } from "./scale";

export const FONT = '11px system-ui, -apple-system, "Segoe UI", "DejaVu Sans", sans-serif';

export interface Scene {
  context: CanvasRenderingContext2D;
  recording: Recording;
  scale: Scale;
  palette: Palette;
  width: number;
  height: number;
  rows: Rows;
}

/** Where the rows of a picture stand, from top to bottom. The lanes are between `top` and `bottom`. */
export interface Rows {
  pings: number;
  labels: number;
  top: number;
  bottom: number;
  rate: number;
  axis: number;
}

const RATE = 70;
const LANE = 46;
const LINE = 16;
export const POINTS = [Kind.ping, Kind.noEvent, Kind.error];

/** Lay out the rows that this recording needs, below `head` pixels for pins or a name. */
export function rowsOf(recording: Recording, height: number, head: number): Rows {
  const pings = head;
  const below = pings + (POINTS.some((kind) => recording.linesOf(kind).length) ? LINE : 0);
  const top = below + (notable(recording).length ? LINE + 2 : 0) + 4;
  const foot = recording.facts.timed ? RATE : LINE + 10;
  return { pings, labels: below + 8, top, bottom: height - foot, rate: height - 22, axis: height - 7 };
}

/** How high a picture is in which each content block has a lane with room for its text. */
export function fullHeight(recording: Recording, head: number): number {
  const { top, bottom } = rowsOf(recording, 0, head);
  return top - bottom + LANE * Math.max(1, recording.spans.length);
}

/** Size a canvas for its place and the display's pixels, and return a context in CSS pixels. */
export function prepared(canvas: HTMLCanvasElement, width: number, height: number, ratio: number): CanvasRenderingContext2D {
  canvas.width = Math.round(width * ratio);
  canvas.height = Math.round(height * ratio);
  const context = canvas.getContext("2d")!;
  context.setTransform(ratio, 0, 0, ratio, 0, 0);
  context.font = FONT;
  context.textBaseline = "middle";
  return context;
}

/** Write text on a patch of the panel's colour, so that what is below does not cross it. */
export function patch({ context, palette }: Pick<Scene, "context" | "palette">, text: string, x: number, y: number, color: string): void {
  const width = context.measureText(text).width;
  context.globalAlpha = 0.85;
  context.fillStyle = palette.panel;
  context.fillRect(x - 3, y - 8, width + 6, 16);
  context.globalAlpha = 1;
  context.fillStyle = color;
  context.fillText(text, x, y);
}

/** Write text beside `x`, to the left of it if there is no room to the right. */
export function beside(scene: Scene, text: string, x: number, y: number, color: string): void {
  const width = scene.context.measureText(text).width;
  const left = x + 5 + width > scene.scale.right ? x - 5 - width : x + 5;
  patch(scene, text, Math.max(scene.scale.left, left), y, color);
}
