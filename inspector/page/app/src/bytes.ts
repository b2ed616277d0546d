// Bytes as people can see them: line ends and control characters marked, or in hexadecimal if they are no text.

import { el } from "./dom";
import { clippedText } from "./clip";
import { count } from "./text";

const MARKS: Record<string, string> = { "\r\n": "␍␊\n", "\n": "␊\n", "\r": "␍\n", "\0": "␀", "\t": "␉" };
const HEX_LIMIT = 4096;

export function bytesNodes(bytes: Uint8Array): Node {
  let text: string;
  try {
    text = new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes);
  } catch {
    return hexNodes(bytes);
  }
  const marked = text.replace(/\r\n|[\n\r\0\t]/g, (mark) => MARKS[mark]!);
  return el("pre", {}, ...clippedText(marked));
}

function hexNodes(bytes: Uint8Array): Node {
  const box = el("pre", { textContent: hex(bytes.subarray(0, HEX_LIMIT)) });
  if (bytes.length <= HEX_LIMIT) return box;
  const button = el("button", { textContent: `Show all ${count(bytes.length)} bytes` });
  button.onclick = () => box.replaceChildren(hex(bytes));
  return el("div", {}, box, button);
}

/** Sixteen bytes a line: offset, numbers, and ASCII where it is printable. */
export function hex(bytes: Uint8Array): string {
  const lines: string[] = [];
  for (let at = 0; at < bytes.length; at += 16) {
    const part = [...bytes.subarray(at, at + 16)];
    const numbers = part.map((byte) => byte.toString(16).padStart(2, "0")).join(" ");
    const text = part.map((byte) => (byte > 31 && byte < 127 ? String.fromCharCode(byte) : ".")).join("");
    lines.push(`${at.toString(16).padStart(6, "0")}  ${numbers.padEnd(47)}  ${text}`);
  }
  return lines.join("\n");
}
