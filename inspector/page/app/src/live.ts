// Ask the server that this page comes from for what is new, every now and then. No connection stays open: a page that
// is slow, hidden or closed costs the server nothing.

import type { LiveHandler } from "./live-pages";
import type { Facts } from "./facts";

interface Item {
  n: number;
  begin?: Facts;
  head?: string;
  columns?: string;
  lines?: string;
  facts?: Facts;
}

interface Answer {
  log: string;
  last: number;
  more: boolean;
  kept: number[];
  items: Item[];
}

const PERIOD = 250; // milliseconds
const HIDDEN = 2000;
const RETRY = 1000;

const bytes = (base64: string): Uint8Array => Uint8Array.from(atob(base64), (char) => char.charCodeAt(0));

export function connect(handler: LiveHandler): void {
  let log = "-";
  let last = 0;
  let known: number[] = [];

  function take(answer: Answer): void {
    const kept = answer.log === log ? answer.kept : [];
    for (const n of known.filter((each) => !kept.includes(each))) handler.drop(n);
    known = [...answer.kept];
    for (const item of answer.items) {
      if (item.begin) handler.begin(item.n, item.begin, bytes(item.head ?? ""));
      if (item.lines) handler.append(item.n, bytes(item.columns ?? ""), bytes(item.lines));
      if (item.facts) handler.facts(item.n, item.facts);
    }
    ({ log, last } = answer);
  }

  async function ask(): Promise<number> {
    try {
      const response = await fetch(`/inspector/lines/${log}/${last}`, { cache: "no-store" });
      if (!response.ok) throw new Error(response.statusText);
      const answer = (await response.json()) as Answer;
      handler.status("open");
      take(answer);
      return answer.more ? 0 : document.hidden ? HIDDEN : PERIOD;
    } catch {
      handler.status("lost");
      return RETRY;
    }
  }

  const again = (): void => void ask().then((wait) => setTimeout(again, wait));
  handler.status("connecting");
  again();
}
