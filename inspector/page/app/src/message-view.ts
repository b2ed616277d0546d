// The message, whole or as it stood: text, thinking and tool inputs put together.

import { clippedText, jsonNodes, LIMIT } from "./clip";
import { usageText } from "./content";
import { el, type Child } from "./dom";
import { parsed } from "./json";
import { family, spoken } from "./palette";
import { type BlockNow, messageAt } from "./snapshot";
import { plural, visible } from "./text";
import type { Texts } from "./texts";

const OPEN_BLOCKS = 12;

export function messageView(texts: Texts, line: number, whole: boolean): Child[] {
  const { recording } = texts;
  if (!recording.body.length) return [el("p", { className: "caption" }, "Reading …")];
  const message = messageAt(texts, whole ? recording.count - 1 : line);
  if (!message.fields && !message.blocks.length) {
    return [el("p", { className: "caption" }, "No message has begun."), ...message.errors.map(problem)];
  }
  const { model, id, stop_reason: stop } = message.fields ?? {};
  const facts = [model, id, stop ?? "no stop reason yet", usageText(message.usage)].filter(Boolean).map(String);
  const blocks = message.blocks.map((block, i) => {
    const open = whole ? message.blocks.length <= OPEN_BLOCKS || i < 3 : i >= message.blocks.length - 2;
    return blockNode(block, open, whole ? "start" : "end");
  });
  const top = el("p", { className: "caption" }, visible(facts.join(" · ")));
  return [top, ...blocks, ...message.errors.map(problem)];
}

const problem = (text: string): HTMLElement => el("p", { className: "finding error" }, el("b", {}, "error"), visible(text));

function blockNode(block: BlockNow, open: boolean, keep: "start" | "end"): HTMLElement {
  const { text, kind } = block;
  const title = `${block.index} ${visible(spoken(kind))}${block.name ? ` · ${visible(block.name)}` : ""}`;
  const length = text ? ` · ${plural(text.length, "character")}` : "";
  const details = el("details", { className: `said ${family(kind)} ${block.open ? "open" : ""}` }, el("summary", {}, title + length));
  const fill = (): void => {
    if (details.childElementCount > 1) return;
    const fields = JSON.stringify(block.fields, (_, value) => (value === null ? undefined : value));
    if (fields !== "{}") details.append(jsonNodes(fields, 2000));
    if (text) details.append(el("div", {}, ...body(block, keep)));
  };
  details.addEventListener("toggle", () => details.open && fill());
  details.open = open;
  if (open) fill();
  return details;
}

function body({ kind, text }: BlockNow, keep: "start" | "end"): Child[] {
  if (!kind.endsWith("tool_use")) return clippedText(text, keep, keep === "end" ? LIMIT / 5 : LIMIT);
  if (text.length <= LIMIT || parsed(text) !== undefined) return [jsonNodes(text)];
  return [el("pre", {}, ...clippedText(text, keep))];
}
