// A line of the recording as what came over the wire: the block's exact bytes, and the payload in it.

import { fromBase64 } from "./decode";
import { members, parsed } from "./json";

export interface Wire {
  /** The block's bytes; empty for a line that is no part of the body. */
  bytes: Uint8Array;
  /** The event's name, if it has one. */
  event: string | undefined;
  /** The payload's JSON or text as spelled. */
  data: string | undefined;
  /** Earlier reads that brought a part of the block: bytes so far, and when. */
  cuts: [number, number][];
  /** Which member held the bytes. */
  from: "data" | "raw" | "body" | "part" | "undecoded" | "";
}

const utf8 = new TextEncoder();

/** Read a line of a recording. A torn line comes back without bytes. */
export function readWire(line: string): Wire {
  const found = members(line);
  const event = parsed(found.get("event"));
  const cuts = parsed(found.get("cuts"));
  const wire: Wire = {
    bytes: new Uint8Array(0),
    event: typeof event === "string" ? event : undefined,
    data: found.get("data") ?? found.get("body"),
    cuts: Array.isArray(cuts) ? cuts : [],
    from: "",
  };
  for (const member of ["raw", "part", "undecoded"] as const) {
    if (found.has(member)) return { ...wire, from: member, bytes: bytesOf(parsed(found.get(member))) };
  }
  const eol = parsed(found.get("eol"));
  if (found.has("body")) {
    return { ...wire, from: "body", bytes: utf8.encode(wire.data! + (typeof eol === "string" ? eol : "")) };
  }
  if (wire.data !== undefined) {
    return { ...wire, from: "data", bytes: utf8.encode(`event: ${wire.event}\ndata: ${wire.data}\n\n`) };
  }
  return wire;
}

function bytesOf(value: unknown): Uint8Array {
  if (typeof value === "string") return utf8.encode(value);
  const base64 = (value as { base64?: unknown } | null)?.base64;
  return typeof base64 === "string" ? fromBase64(base64) : new Uint8Array(0);
}
