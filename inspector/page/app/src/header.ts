// The top of the page: what was recorded, the verdict in a sentence, three numbers, findings, where the time went.

import { byId, el } from "./dom";
import { type Facts, isNothing, isOpen, type Severity } from "./facts";
import { alarm } from "./patience";
import { family, spoken } from "./palette";
import { count, plural, size, span, visible } from "./text";

const UNKNOWN = "–";
const SEVERITIES: Severity[] = ["error", "warning", "info"];

export function showHeader(facts: Facts, onChip: (severity: Severity) => void): void {
  const { level, parts } = facts.headline;
  const verdict = byId("verdict");
  verdict.className = level;
  verdict.replaceChildren(...parts.map(({ text, strong }) => (strong ? el("strong", {}, visible(text)) : visible(text))));
  const known = facts.numbers.filter(({ text }) => text !== UNKNOWN);
  const numbers = known.map(({ label, text, bad }) =>
    el("div", { className: bad ? "bad" : "" }, el("dt", {}, visible(label)), el("dd", {}, visible(text))),
  );
  byId("numbers").replaceChildren(...numbers);
  byId("summary").replaceChildren(...chips(facts, onChip), summary(facts));
  byId("shares").replaceChildren(...shares(facts));
}

/** Say which recording it is. */
export function sourceLine(facts: Facts): HTMLElement[] {
  const at = facts.at ? facts.at.replace("T", " ").replace(/\.\d+Z$|Z$/, " UTC") : "";
  return [facts.model, facts.request_id, at, facts.status === null ? "" : `HTTP ${facts.status}`]
    .filter(Boolean)
    .map((text) => el("span", {}, visible(String(text))));
}

function chips(facts: Facts, onChip: (severity: Severity) => void): HTMLElement[] {
  const shown = SEVERITIES.filter((severity) => facts.findings.some((finding) => finding.severity === severity));
  if (!shown.length) return facts.events && !isOpen(facts) ? [el("span", { className: "chip ok" }, "no findings")] : [];
  return shown.map((severity) => {
    const found = facts.findings.filter((finding) => finding.severity === severity).length;
    const text = severity === "info" ? plural(found, "note") : plural(found, severity);
    return el("button", { className: `chip ${severity}`, onclick: () => onChip(severity) }, text);
  });
}

function summary(facts: Facts): HTMLElement {
  if (isNothing(facts)) return el("span", {}, `Send requests to ${location.origin}: their answers appear here as they come.`);
  const { stop_reason: stop, events, blocks, bytes, end, duration } = facts;
  const how = end && end.how !== "complete" ? `${end.how}${end.error ? `: ${end.error}` : ""}` : end || isOpen(facts) ? "" : "no end: the recorder died";
  const text = [
    stop ?? "",
    how,
    events ? plural(events, "event") : "",
    blocks.length ? plural(blocks.length, "block") : "",
    `${size(bytes)}${facts.timed && duration !== null ? ` in ${span(duration)}` : ""}`,
    facts.absent.length ? `not recorded: ${facts.absent.join(", ")}` : "",
  ];
  return el("span", {}, visible(text.filter(Boolean).join(" · ")));
}

function shares({ shares, silences }: Facts): HTMLElement[] {
  const all = shares.reduce((sum, share) => sum + share.seconds, 0);
  if (!(all > 0)) return [];
  const alarms = silences.map(({ t0, t1, by }) => alarm(t1 - t0, by));
  const worst = alarms.includes("error") ? "error" : alarms.includes("warning") ? "warning" : "";
  return shares.filter((share) => share.seconds > 0).map(({ kind, seconds }) => {
    const percent = (100 * seconds) / all;
    const name = kind === "silent" ? `silent ${worst}` : kind === "waiting" ? kind : family(kind);
    const label = `${visible(spoken(kind))} `;
    const part = percent < 1 ? "< 1 %" : `${count(Math.round(percent))} %`;
    const element = el("div", { className: percent < 5 ? `${name} thin` : name, title: `${label}${part}, ${span(seconds)}` }, el("span", {}, el("b", {}, label), part));
    element.style.flex = `${percent} 1 0`;
    return element;
  });
}
