// The panel beside the list: tabs for the selected event, and for the whole recording.

import { byId, el, nextFrame, type Child } from "./dom";
import { eventView, findingNode, ruleLink } from "./event-view";
import type { Finding } from "./facts";
import { messageView } from "./message-view";
import { requestView } from "./request-view";
import type { Store } from "./store";
import { visible } from "./text";
import type { Texts } from "./texts";
import { usageView } from "./usage-view";

type Tab = "JSON" | "Bytes" | "So far" | "Message" | "Request" | "Usage" | "Findings";

const OF_EVENT: Tab[] = ["JSON", "Bytes", "So far"];
const ALL: Tab[] = [...OF_EVENT, "Message", "Request", "Usage", "Findings"];
const TITLES: Partial<Record<Tab, string>> = { "So far": "The message as it stood when the event had come", Message: "The whole message" };

export class Detail {
  #tabs = new Map<Tab, HTMLButtonElement>();
  #panel = el("div", { id: "panel", tabIndex: 0, attrs: { role: "tabpanel" } });
  #tab: Tab = "JSON";
  #timer = 0;
  /** The line that is drawn, -1 while its text is not there. */
  #drawn = -1;
  /** How many findings there were then. */
  #found = 0;
  #draw = nextFrame(() => this.#paint());

  constructor(private store: Store, private texts: () => Texts, private onFinding: (finding: Finding) => void) {
    const list = el("div", { attrs: { role: "tablist", "aria-label": "What to see of the recording" } });
    for (const tab of ALL) {
      const button = el("button", {
        id: `tab-${tab.replace(" ", "-")}`,
        textContent: tab,
        title: TITLES[tab] ?? "",
        attrs: { role: "tab", "aria-controls": "panel" },
        onclick: () => this.show(tab),
      });
      this.#tabs.set(tab, button);
      list.append(button);
    }
    list.addEventListener("keydown", (event) => this.#onKey(event));
    byId("detail").append(list, this.#panel);
    store.on((changed) => {
      if (changed("recording") || (changed("version") && !this.#isDone())) this.refresh();
      else if (changed("selected") && OF_EVENT.includes(this.#tab)) {
        if (Number.isNaN(this.store.now.playhead)) this.#draw();
        else this.#timer ||= setTimeout(() => this.#paint(), 100); // text that grows is costly to lay out
      }
    });
    this.show("JSON");
  }

  show(tab: Tab): void {
    this.#tab = tab;
    for (const [name, button] of this.#tabs) {
      button.ariaSelected = String(name === tab);
      button.tabIndex = name === tab ? 0 : -1;
    }
    this.#panel.setAttribute("aria-labelledby", this.#tabs.get(tab)!.id);
    this.#paint();
    this.#panel.scrollTop = 0;
  }

  /** Show the event rather than the whole recording, if the tab is not one of the event's. */
  showEvent(): void {
    if (!OF_EVENT.includes(this.#tab)) this.show("JSON");
  }

  refresh(): void {
    const { findings } = this.store.now.recording.facts;
    this.#tabs.get("Findings")!.textContent = findings.length ? `Findings ${findings.length}` : "Findings";
    this.#draw();
  }

  /** An event does not change when the recording grows, unless something is found in it. */
  #isDone(): boolean {
    const { findings } = this.store.now.recording.facts;
    return findings.length === this.#found && OF_EVENT.includes(this.#tab) && this.#drawn === this.store.now.selected && this.#tab !== "So far";
  }

  #onKey(event: KeyboardEvent): void {
    const at = ALL.indexOf(this.#tab);
    const steps: Record<string, number> = { ArrowRight: at + 1, ArrowLeft: at - 1 + ALL.length, Home: 0, End: ALL.length - 1 };
    const next = steps[event.key];
    if (next === undefined) return;
    event.preventDefault();
    this.show(ALL[next % ALL.length]!);
    this.#tabs.get(this.#tab)!.focus();
  }

  #paint(): void {
    this.#timer = 0;
    const { recording, selected } = this.store.now;
    this.#drawn = recording.body.length ? selected : -1;
    this.#found = recording.facts.findings.length;
    const followed = this.#panel.scrollHeight - this.#panel.scrollTop - this.#panel.clientHeight < 40;
    const children = this.#content().filter((child): child is Node | string => Boolean(child));
    this.#panel.replaceChildren(...children);
    if (this.#tab === "So far" && (followed || !Number.isNaN(this.store.now.playhead))) this.#panel.scrollTop = this.#panel.scrollHeight;
  }

  #content(): Child[] {
    const { recording, selected } = this.store.now;
    const { findings } = recording.facts;
    switch (this.#tab) {
      case "JSON":
        return eventView(recording, selected, "json");
      case "Bytes":
        return eventView(recording, selected, "bytes");
      case "So far":
        return messageView(this.texts(), selected, false);
      case "Message":
        return messageView(this.texts(), selected, true);
      case "Request":
        return requestView(recording);
      case "Usage":
        return usageView(recording, (line) => this.store.set({ selected: line }));
      case "Findings":
        return [
          !findings.length && el("p", { className: "caption" }, "Nothing was found."),
          ...findings.slice(0, 500).flatMap((finding) => [findingNode(finding, findings, () => this.onFinding(finding)), ruleLink(finding)]),
          ...recording.facts.sdk.map((line) => el("p", { className: "caption" }, visible(line))),
        ];
    }
  }
}
