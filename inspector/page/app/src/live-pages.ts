// Recordings that come while the page is open.

import type { Facts } from "./facts";
import type { Library } from "./library";

export interface LiveHandler {
  begin(n: number, facts: Facts, head: Uint8Array): void;
  append(n: number, columns: Uint8Array, lines: Uint8Array): void;
  facts(n: number, facts: Facts): void;
  drop(n: number): void;
  status(state: "connecting" | "open" | "lost"): void;
}

export interface LivePage {
  /** The list of recordings has changed; the newest one is at `newest`, if one has begun. */
  listed(newest?: number): void;
  /** The recording at this place has grown, or its facts have changed. */
  changed(index: number, facts: boolean): void;
  status(text: string): void;
}

const STATES = { connecting: "connecting …", open: "live", lost: "connection lost: trying again …" };

/** Return what takes the events of a live server and keeps the library. */
export function liveHandler(library: Library, page: LivePage): LiveHandler {
  const numbers: number[] = []; // the server's numbers, in the order of the library
  const known = (n: number, use: (index: number) => Promise<void>): void => {
    const index = numbers.indexOf(n);
    if (index >= 0) void use(index);
  };
  return {
    begin(n, facts, head) {
      numbers.push(n);
      page.listed(library.add(facts, head));
    },
    append(n, columns, lines) {
      known(n, async (index) => {
        (await library.get(index)).append(columns, lines);
        page.changed(index, false);
      });
    },
    facts(n, facts) {
      known(n, async (index) => {
        library.facts[index] = facts;
        (await library.get(index)).update(facts);
        page.changed(index, true);
      });
    },
    drop(n) {
      known(n, async (index) => {
        numbers.splice(index, 1);
        library.remove(index);
        page.listed();
      });
    },
    status: (state) => page.status(STATES[state]),
  };
}
