// Which event is selected at first, and where the address says so: `#ev=4210` links to an event.

import type { Finding } from "./facts";
import type { Recording } from "./recording";
import type { Store } from "./store";

const SEVERITIES = ["error", "warning", "info"];

export function worstFirst(findings: Finding[]): Finding[] {
  return findings.toSorted((a, b) => SEVERITIES.indexOf(a.severity) - SEVERITIES.indexOf(b.severity));
}

/** The line of a finding. One that belongs to no event stands at the last line, or at the body that is no stream. */
export function lineOf(finding: Finding, recording: Recording): number {
  return finding.line ?? (recording.facts.events ? recording.count - 1 : 0);
}

/** Select what the address names, else the worst finding, else the first line. */
export function selectFirst(store: Store): void {
  const { recording } = store.now;
  const [, what, number] = /^#(ev|line)=(\d+)$/.exec(location.hash) ?? [];
  const named = what === "ev" ? recording.lineOfEvent(Number(number)) : Number(number ?? -1);
  if (named >= 0 && named < recording.count) return store.set({ selected: named });
  if (store.now.selected >= 0 || !recording.count) return;
  const [worst] = worstFirst(recording.facts.findings);
  store.set({ selected: worst && worst.severity !== "info" ? lineOf(worst, recording) : 0 });
}

/** Select the finding after or before the selected line. */
export function selectFinding(store: Store, step: 1 | -1): void {
  const { recording, selected } = store.now;
  const lines = recording.facts.findings.map((finding) => lineOf(finding, recording)).filter((line) => (line - selected) * step > 0);
  if (lines.length) store.set({ selected: step > 0 ? Math.min(...lines) : Math.max(...lines) });
}

/** Follow the address, and keep it true. Not for each step of a long run: browsers allow only so many changes. */
export function keepAddress(store: Store): void {
  let timer = 0;
  let written = ""; // whose event comes later, when somebody may have gone on
  addEventListener("hashchange", () => location.hash !== written && selectFirst(store));
  store.on((changed) => {
    if (!changed("selected") || store.now.selected < 0) return;
    clearTimeout(timer);
    timer = setTimeout(() => {
      const { recording, selected } = store.now;
      const number = recording.numbers[selected];
      const named = number && recording.lineOfEvent(number) === selected ? `#ev=${number}` : `#line=${selected}`;
      if (location.hash !== named) location.replace((written = named));
    }, 300);
  });
}
