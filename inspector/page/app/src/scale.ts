// The axis of time: seconds to pixels and back, the window that is shown, and where its ticks stand.

export interface Window {
  from: number;
  to: number;
}

/** Return the shown window. An end without bound means all there is, also what is still to come. */
export function shownWindow(now: Window, whole: number): Window {
  return Number.isFinite(now.to) ? { from: now.from, to: now.to } : { from: 0, to: whole };
}

/** Return a window inside of the whole, never smaller than what a double can tell apart. */
export function clamped({ from, to }: Window, whole: number): Window {
  const least = Math.max(whole * 1e-7, 1e-5);
  const width = Math.max(to - from, least);
  if (width >= whole) return { from: 0, to: Infinity };
  const start = Math.min(Math.max(0, from), whole - width);
  return { from: start, to: start + width };
}

export class Scale {
  readonly perSecond: number;

  /** `origin` is the moment that the axis calls 0. */
  constructor(readonly from: number, readonly to: number, readonly left: number, readonly right: number, readonly origin = 0) {
    this.perSecond = (right - left) / Math.max(to - from, 1e-9);
  }

  x(t: number): number {
    return this.left + (t - this.from) * this.perSecond;
  }

  t(x: number): number {
    return this.from + (x - this.left) / this.perSecond;
  }

  /** The distance between ticks that have room for their labels. */
  get step(): number {
    const least = 90 / this.perSecond;
    const steps = least < 1 ? [1, 2, 5, 10].map((n) => n * 10 ** Math.floor(Math.log10(least))) : STEPS;
    return steps.find((step) => step >= least) ?? Math.ceil(least / 3600) * 3600;
  }

  get ticks(): number[] {
    const { step, origin } = this;
    const first = Math.ceil((this.from - origin) / step - 1e-9);
    const last = Math.floor((this.to - origin) / step + 1e-9);
    return Array.from({ length: Math.max(0, last - first + 1) }, (_, i) => (first + i) * step);
  }
}

const STEPS = [1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1800, 3600];
