// Zooming and moving: wheel, mouse, fingers, keys. Each gesture asks for another window of time.

import { clamped, type Scale, type Window } from "./scale";

export interface Target {
  scale(): Scale;
  /** The length of the whole, in seconds. */
  whole(): number;
  show(window: Window): void;
  /** A click. */
  pick(x: number, y: number): void;
  hover(x: number, y: number): void;
  leave(): void;
  /** A part of the axis is being marked by a drag; NaN for none. */
  mark(from: number, to: number): void;
}

export function zoomAround(target: Target, t: number, factor: number): void {
  const { from, to } = target.scale();
  target.show(clamped({ from: t - (t - from) * factor, to: t + (to - t) * factor }, target.whole()));
}

export function moveBy(target: Target, seconds: number): void {
  const { from, to } = target.scale();
  const start = Math.min(Math.max(0, from + seconds), Math.max(0, target.whole() - (to - from)));
  target.show(clamped({ from: start, to: start + to - from }, target.whole()));
}

export function handleGestures(element: HTMLElement, target: Target): void {
  element.addEventListener("wheel", (event) => onWheel(event, target), { passive: false });
  element.addEventListener("keydown", (event) => {
    if (!event.ctrlKey && !event.metaKey && !event.altKey && onKey(event.key, target)) event.preventDefault();
  });
  element.addEventListener("dblclick", () => target.show({ from: 0, to: Infinity }));
  handlePointers(element, target);
}

function onWheel(event: WheelEvent, target: Target): void {
  event.preventDefault();
  const lines = event.deltaMode === WheelEvent.DOM_DELTA_LINE ? 16 : 1;
  const scale = target.scale();
  const sideways = event.shiftKey ? event.deltaY || event.deltaX : event.deltaX;
  if (event.shiftKey || Math.abs(event.deltaX) > Math.abs(event.deltaY)) {
    moveBy(target, (sideways * lines) / scale.perSecond);
  } else {
    const speed = event.ctrlKey ? 0.01 : 0.002; // a pinch on a touchpad comes with ctrl, in small steps
    zoomAround(target, scale.t(event.offsetX), Math.exp(event.deltaY * lines * speed));
  }
}

/** Zoom or move by a key; return whether the key meant something. */
export function onKey(key: string, target: Target): boolean {
  const { from, to } = target.scale();
  if (key === "+" || key === "=") zoomAround(target, (from + to) / 2, 0.6);
  else if (key === "-" || key === "_") zoomAround(target, (from + to) / 2, 1 / 0.6);
  else if (key === "ArrowLeft") moveBy(target, (from - to) * 0.15);
  else if (key === "ArrowRight") moveBy(target, (to - from) * 0.15);
  else if (key === "0" || key === "Escape") target.show({ from: 0, to: Infinity });
  else return false;
  return true;
}

/** Mouse: a drag marks a part and zooms to it, with shift it moves. One finger moves, two pinch. */
function handlePointers(element: HTMLElement, target: Target): void {
  const fingers = new Map<number, number>();
  let start = { x: 0, y: 0 };
  let moved = false;

  const place = (event: PointerEvent): { x: number; y: number } => {
    const box = element.getBoundingClientRect();
    return { x: event.clientX - box.left, y: event.clientY - box.top };
  };
  element.addEventListener("pointerdown", (event) => {
    element.setPointerCapture(event.pointerId);
    start = place(event);
    fingers.set(event.pointerId, start.x);
    moved = fingers.size > 1;
    target.leave();
  });
  element.addEventListener("pointermove", (event) => {
    const { x, y } = place(event);
    const before = fingers.get(event.pointerId);
    if (before === undefined) return target.hover(x, y);
    if (Math.abs(x - start.x) > 4) moved = true;
    if (!moved) return;
    const scale = target.scale();
    const marks = event.pointerType === "mouse" && !event.shiftKey && event.buttons === 1;
    if (fingers.size === 2) {
      const other = [...fingers].find(([id]) => id !== event.pointerId)![1];
      const factor = Math.max(8, Math.abs(before - other)) / Math.max(8, Math.abs(x - other));
      zoomAround(target, scale.t(other), factor);
    } else if (marks) target.mark(scale.t(start.x), scale.t(x));
    else moveBy(target, (before - x) / scale.perSecond);
    fingers.set(event.pointerId, x);
  });
  const end = (event: PointerEvent): void => {
    if (!fingers.delete(event.pointerId)) return;
    const { x, y } = place(event);
    target.mark(NaN, NaN);
    if (event.type === "pointercancel" || fingers.size) return;
    const scale = target.scale();
    if (!moved) target.pick(x, y);
    else if (event.pointerType === "mouse" && !event.shiftKey && event.button === 0) {
      const [from, to] = [scale.t(Math.min(x, start.x)), scale.t(Math.max(x, start.x))];
      target.show(clamped({ from: Math.max(0, from), to: Math.min(to, target.whole()) }, target.whole()));
    }
  };
  element.addEventListener("pointerup", end);
  element.addEventListener("pointercancel", end);
  element.addEventListener("pointerleave", () => target.leave());
}
