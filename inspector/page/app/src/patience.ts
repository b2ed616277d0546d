// How long is too long: who gives up on a silence, and from when on it is worth a word. The package says so.

import type { Measure, PageFacts, Silence, Watchdog } from "./facts";
import type { Recording } from "./recording";

let watchdogs: Watchdog[] = [];
let long = Infinity;

/** Take what the package says, once. */
export function learnPatience(facts: PageFacts): void {
  watchdogs = facts.watchdogs;
  long = facts.long_silence;
}

/** Who gives up, or complains, in a silence of so many seconds. Where no bytes come, no content comes either. */
export function crossed(seconds: number, by: Measure): Watchdog[] {
  return watchdogs.filter((dog) => dog.seconds <= seconds && (by === "bytes" || dog.measures === "content"));
}

export type Alarm = "" | "warning" | "error";

export function alarm(seconds: number, by: Measure): Alarm {
  if (crossed(seconds, by).some((dog) => dog.gives_up)) return "error";
  return seconds >= long ? "warning" : "";
}

/** The silences that are worth a shade: long ones, and those that take a good part of the whole. */
export function notable({ facts, duration }: Recording): Silence[] {
  const least = Math.min(5, Math.max(0.5, duration * 0.12));
  return facts.silences.filter(({ t0, t1 }) => t1 - t0 >= least);
}
