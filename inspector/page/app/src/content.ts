// What a row of the list says about its line, in a few words: what arrived, as people read it.

import { Kind, KIND_NAMES } from "./facts";
import type { Recording } from "./recording";
import { count } from "./text";

export type Tone = "" | "quiet" | "odd" | "error";

export interface Content {
  /** The event's name, or what the line is instead. */
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

/** Return the text that a delta adds to its content block. */
export function deltaText(value: Json, kind: number): string {
  const text = object(object(value.data).delta)[DELTA_TEXT[kind] ?? ""];
  return typeof text === "string" ? text : "";
}

export function contentOf(recording: Recording, line: number): Content {
  const kind = recording.kinds[line]!;
  const value = parsedLine(recording, line);
  const data = object(value.data);
  if (kind >= Kind.noEvent) return noEvent(recording, line, value);
  const name = typeof value.event === "string" ? value.event : "(unnamed)";
  if (!value.data) return { name, text: rawText(value), tone: "error" };
  const content = eventContent(kind, data);
  if (value.event !== data.type && kind !== Kind.otherEvent) {
    const why = value.event === undefined ? `${data.type}, without a name: SDKs skip it` : `the payload's type is ${data.type}`;
    return { name, text: joined(why, content.text), tone: "odd" };
  }
  return { name, ...content };
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
      return { text: `signature, ${count(compact(delta.signature).length)} characters`, tone: "quiet" };
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
  const text = rawText(value);
  if (recording.facts.body.kind !== "stream" && text) return { name: "(body)", text, tone: "" };
  if (value.part !== undefined) return { name: "(part)", text: compact(value.part), tone: "odd" };
  if (value.undecoded !== undefined) return { name: "(undecoded)", text: "", tone: "error" };
  if (value.raw === undefined) return { name: "(torn line)", text: recording.line(line), tone: "error" };
  if (/^(:.*[\r\n]+)+$/.test(text)) return { name: "(comment)", text: text.trim(), tone: "quiet" };
  if (!text.trim()) return { name: "(blank)", text: "", tone: "quiet" };
  const finished = /(\n\n|\r\r|\r\n\r\n)$/.test(text);
  return { name: finished ? KIND_NAMES[kind]! : "(unfinished)", text: text.trimEnd(), tone: "odd" };
}

function rawText(value: Json): string {
  if (typeof value.raw === "string") return value.raw;
  const base64 = object(value.raw).base64;
  return typeof base64 === "string" ? atob(base64) : "";
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
