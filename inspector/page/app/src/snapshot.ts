// The message as it stood when a line had come: the events before it folded as the SDK folds them. Text is not
// folded again for each line; it is cut out of what the deltas joined.

import { parsedLine } from "./content";
import { Kind } from "./facts";
import type { Texts } from "./texts";

export interface BlockNow {
  index: number;
  lane: number;
  kind: string;
  name: string;
  /** Text, thinking, or the JSON of a tool's input as far as it has come. */
  text: string;
  /** The content block without its text, as its start and later deltas gave it. */
  fields: Record<string, unknown>;
  open: boolean;
}

export interface MessageNow {
  fields: Record<string, unknown> | undefined;
  usage: Record<string, unknown>;
  blocks: BlockNow[];
  errors: string[];
}

type Json = Record<string, any>;

export function messageAt(texts: Texts, line: number): MessageNow {
  texts.read(line + 1);
  const { recording } = texts;
  const now: MessageNow = { fields: undefined, usage: {}, blocks: [], errors: [] };
  for (const at of texts.message) {
    if (at > line) break;
    const data: Json = parsedLine(recording, at).data ?? {};
    if (recording.kinds[at] === Kind.error) now.errors.push(`${data.error?.type}: ${data.error?.message}`);
    else if (recording.kinds[at] === Kind.messageDelta) {
      now.fields = { ...now.fields, ...data.delta };
      update(now.usage, data.usage);
    } else if (!now.fields) {
      const { content: _, usage, ...fields } = data.message ?? {};
      now.fields = fields;
      update(now.usage, usage);
    }
  }
  recording.facts.blocks.forEach((block, lane) => {
    if (block.first <= line) now.blocks.push(blockAt(texts, lane, line));
  });
  return now;
}

function update(usage: Record<string, unknown>, values: Json | undefined): void {
  for (const [key, value] of Object.entries(values ?? {})) if (value !== null) usage[key] = value;
}

function blockAt(texts: Texts, lane: number, line: number): BlockNow {
  const { recording } = texts;
  const facts = recording.facts.blocks[lane]!;
  const start: Json = parsedLine(recording, facts.first).data?.content_block ?? {};
  const { type: _, text = "", thinking = "", input, ...fields } = start;
  const came = texts.textAt(lane, line);
  for (const other of texts.othersAt(lane, line)) {
    const { type: kind, citation, ...rest }: Json = parsedLine(recording, other).data?.delta ?? {};
    if (kind === "citations_delta") fields.citations = [...((fields.citations as unknown[]) ?? []), citation];
    else if (kind !== "input_json_delta") Object.assign(fields, rest);
  }
  const given = input && Object.keys(input).length ? JSON.stringify(input) : "";
  return {
    index: facts.index,
    lane,
    kind: facts.kind,
    name: facts.name ?? "",
    text: came ? `${text}${thinking}${came}` : `${text}${thinking}${given}`,
    fields,
    open: !facts.closed || line < facts.last,
  };
}
