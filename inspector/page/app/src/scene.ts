// What a drawing needs: where to draw, in which colours, and what. The same scene is drawn on the screen, into the
// saved picture and for print.

import type { Palette } from "./palette";
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
}

/** Where the rows of the waterfall stand, from top to bottom. */
export function rows(height: number): { pings: number; top: number; bottom: number; rate: number; axis: number } {
  return { pings: 30, top: 50, bottom: height - 70, rate: height - 22, axis: height - 7 };
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
