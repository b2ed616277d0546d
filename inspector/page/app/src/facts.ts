// What the builder in Python says about a recording: everything that needs its rules. Times are seconds since the
// request was sent. Lines are indexes into the columns, so the recording's head has none.

export type Severity = "error" | "warning" | "info";

export interface Finding {
  rule: string;
  severity: Severity;
  message: string;
  do: string | null;
  /** The manual's page on the rule; empty if it has none. */
  page: string;
  event: number | null;
  line: number | null;
  offset: number | null;
  t: number | null;
  block: number | null;
}

export interface BlockFacts {
  index: number;
  kind: string;
  name: string | null;
  first: number;
  last: number;
  t0: number;
  t1: number;
  closed: boolean;
}

export type Measure = "bytes" | "content";

export interface Silence {
  t0: number;
  t1: number;
  by: Measure;
  block: number | null;
}

export interface Watchdog {
  name: string;
  seconds: number;
  measures: Measure;
  /** Whether it ends the stream; others only complain. */
  gives_up: boolean;
}

export interface UsageFacts {
  t: number;
  line: number;
  input: number | null;
  output: number | null;
  cache_read: number | null;
  cache_write: number | null;
  thinking: number | null;
}

export interface Facts {
  name: string;
  at: string | null;
  request_id: string | null;
  model: string | null;
  method: string | null;
  url: string | null;
  status: number | null;
  http: string | null;
  tick: number;
  first: number;
  count: number;
  events: number;
  bytes: number;
  reads: number;
  timed: boolean;
  absent: string[];
  masked: string[];
  headline: { level: "ok" | "warning" | "error"; parts: { text: string; strong?: boolean }[] };
  numbers: { label: string; text: string; bad: boolean }[];
  outcome: string;
  stop_reason: string | null;
  end: { t: number; how: string; error: string | null } | null;
  duration: number | null;
  findings: Finding[];
  blocks: BlockFacts[];
  shares: { kind: string; seconds: number }[];
  silences: Silence[];
  usage: UsageFacts[];
  sdk: string[];
  body: { kind: "stream" | "json" | "text" | "binary" };
}

/** Whether the response is still on its way, as far as anybody knows. */
export const isOpen = (facts: Facts): boolean => !facts.end && !facts.outcome;

/** Whether these stand for no recording at all: a live page waits for its first one. */
export const isNothing = (facts: Facts): boolean => facts.url === null;

export interface PageFacts {
  format: number;
  inspector: string;
  live: boolean;
  /** Recordings that are not in the page. */
  omitted: number;
  /** From how many seconds on a silence is worth a word. */
  long_silence: number;
  /** The most impatient first. */
  watchdogs: Watchdog[];
  recordings: Facts[];
}

// The kinds of lines, as the columns number them.
export const enum Kind {
  messageStart = 0,
  blockStart = 1,
  text = 2,
  thinking = 3,
  inputJson = 4,
  signature = 5,
  citations = 6,
  otherDelta = 7,
  blockStop = 8,
  messageDelta = 9,
  messageStop = 10,
  ping = 11,
  error = 12,
  otherEvent = 13,
  noEvent = 14,
  end = 15,
  otherLine = 16,
}

export const isEvent = (kind: number): boolean => kind <= Kind.otherEvent;
export const isDelta = (kind: number): boolean => kind >= Kind.text && kind <= Kind.otherDelta;
