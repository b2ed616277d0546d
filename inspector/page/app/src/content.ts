// What a row of the list says about its line, in a few words: what arrived, as people read it.

import { isDelta, Kind } from "./facts";
import { parsed, stringEnd } from "./json";
import type { Recording } from "./recording";
import { count, plural } from "./text";
import { rawFields } from "./wire";

export type Tone = "" | "quiet" | "odd" | "error";

export interface Content {
  /** What it is, as `inspector show` calls it: `0 text start`, `0 text`, an event's name, or what the line is instead. */
  name: string;
  text: string;
  tone: Tone;
}

type Json = Record<string, any>;

const object = (value: unknown): Json => (value && typeof value === "object" ? (value as Json) : {});
const compact = (value: unknown): string => (typeof value === "string" ? value : JSON.stringify(value) ?? "");
const joined = (...parts: (string | false | null | undefined)[]): string => parts.filter(Boolean).join(" · ");

/** The member of a delta that holds its text, by kind. */
export const DELTA_TEXT: Record<number, string> = {
  [Kind.text]: "text",
  [Kind.thinking]: "thinking",
  [Kind.inputJson]: "partial_json",
  [Kind.otherDelta]: "content",
};

/** Parse a line of the recording; a torn line is an empty object. */
export function parsedLine(recording: Recording, line: number): Json {
  try {
    return object(JSON.parse(recording.line(line)));
  } catch {
    return {};
  }
}

/** Return the text that a delta adds to its content block. All lines are read for it, so it parses no more than that. */
export function deltaText(recording: Recording, line: number): string {
  const member = DELTA_TEXT[recording.kinds[line]!]!;
  const text = recording.line(line);
  const delta = text.lastIndexOf('"delta":{'); // quotes in a string are escaped, so this is none
  const at = delta < 0 ? -1 : text.indexOf(`"${member}":"`, delta);
  if (at >= 0) {
    const start = at + member.length + 3;
    const string = text.slice(start, stringEnd(text, start));
    const value = string.includes("\\") || !string.endsWith('"') ? parsed(string) : string.slice(1, -1);
    if (typeof value === "string") return value; // a torn line has none
  }
  const value = object(object(parsedLine(recording, line).data).delta)[member];
  return typeof value === "string" ? value : "";
}

/** Return what a row says; nothing while the lines are being unpacked. */
export function contentOf(recording: Recording, line: number): Content {
  if (!recording.body.length) return { name: "", text: "", tone: "" };
  const kind = recording.kinds[line]!;
  const value = parsedLine(recording, line);
  const data = object(value.data);
  if (kind >= Kind.noEvent) return noEvent(recording, line, value);
  const raw = value.data === undefined ? rawFields(value.raw) : undefined;
  const name = String(value.event ?? raw?.event ?? "(unnamed)");
  if (raw) return { name, text: `not JSON: ${raw.data ?? raw.text}`, tone: "error" };
  const content = eventContent(kind, data);
  if (value.event !== data.type && kind !== Kind.otherEvent) {
    const why = value.event === undefined ? `${data.type}, without a name: SDKs skip it` : `the payload's type is ${data.type}`;
    return { name, text: joined(content.text, why), tone: "odd" };
  }
  return { name: label(recording, line, data) ?? name, ...content };
}

const STAGES: Record<number, string> = { [Kind.blockStart]: " start", [Kind.blockStop]: " stop" };

/** What an event of a content block is called; undefined for others. */
function label(recording: Recording, line: number, data: Json): string | undefined {
  const kind = recording.kinds[line]!;
  const stage = STAGES[kind];
  if (stage === undefined && !isDelta(kind)) return undefined;
  const type = stage === undefined ? String(object(data.delta).type).replace(/_delta$/, "") : (recording.lane(line)?.kind ?? "");
  return `${data.index} ${type}${stage ?? ""}`;
}

function eventContent(kind: number, data: Json): { text: string; tone: Tone } {
  const delta = object(data.delta);
  switch (kind) {
    case Kind.messageStart: {
      const message = object(data.message);
      return { text: joined(compact(message.model), compact(message.id), usageText(message.usage)), tone: "" };
    }
    case Kind.blockStart: {
      const block = object(data.content_block);
      const { type, input, ...rest } = block;
      const known = joined(block.server_name, block.name, block.id, block.text || block.thinking);
      const more = input && Object.keys(input).length ? compact(input) : "";
      return { text: joined(known, more) || (/text|thinking|tool_use/.test(type) ? "" : compact(rest)), tone: "" };
    }
    case Kind.signature:
      return { text: plural(compact(delta.signature).length, "character"), tone: "quiet" };
    case Kind.citations:
      return { text: citation(object(delta.citation)), tone: "" };
    case Kind.otherDelta:
      return { text: compact(delta), tone: "odd" };
    case Kind.messageDelta:
      return { text: joined(delta.stop_reason, delta.stop_sequence, usageText(data.usage)), tone: "" };
    case Kind.error: {
      const error = object(data.error);
      return { text: `${compact(error.type)}: ${compact(error.message)}`, tone: "error" };
    }
    case Kind.otherEvent:
      return { text: compact(data), tone: "odd" };
    case Kind.text:
    case Kind.thinking:
    case Kind.inputJson: {
      const text = delta[DELTA_TEXT[kind]!];
      return typeof text === "string" ? { text, tone: "" } : { text: compact(delta), tone: "odd" };
    }
    default:
      return { text: "", tone: "quiet" };
  }
}

function noEvent(recording: Recording, line: number, value: Json): Content {
  const kind = recording.kinds[line]!;
  if (kind === Kind.end) {
    return { name: "end", text: joined(value.end, value.error), tone: value.end === "complete" ? "quiet" : "error" };
  }
  if (value.body !== undefined) return { name: "(body)", text: compact(value.body), tone: "" };
  const { text } = rawFields(value.raw);
  if (recording.facts.body.kind !== "stream" && text) return { name: "(body)", text, tone: "" };
  if (value.part !== undefined) return { name: "(part)", text: compact(value.part), tone: "odd" };
  if (value.undecoded !== undefined) return { name: "(undecoded)", text: "", tone: "error" };
  if (value.raw === undefined) return { name: "(torn line)", text: recording.line(line), tone: "error" };
  if (/^:/.test(text) && /[\r\n]$/.test(text) && !/[\r\n][^:\r\n]/.test(text)) return { name: "(comment)", text: text.trim(), tone: "quiet" };
  if (!text.trim()) return { name: "(blank)", text: "", tone: "quiet" };
  const finished = /(\n\n|\r\r|\r\n\r\n)$/.test(text);
  return { name: finished ? (kind === Kind.noEvent ? "(no event)" : "(line)") : "(unfinished)", text: text.trimEnd(), tone: "odd" };
}

function citation(cited: Json): string {
  const source = cited.url ?? cited.source ?? cited.title ?? cited.document_title;
  return joined(cited.type, source && compact(source), cited.cited_text && `“${compact(cited.cited_text)}”`);
}

const USAGE: [string, string][] = [
  ["input_tokens", "in"],
  ["output_tokens", "out"],
  ["cache_read_input_tokens", "from cache"],
  ["cache_creation_input_tokens", "to cache"],
];

export function usageText(usage: unknown): string {
  const counts = object(usage);
  const parts = USAGE.filter(([key, label]) => counts[key] || (label.length < 4 && counts[key] === 0));
  return parts.map(([key, label]) => `${count(Number(counts[key]))} ${label}`).join(", ");
}
