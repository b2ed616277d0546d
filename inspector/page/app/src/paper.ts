// On paper and in a file. A canvas that changes its size while a page is printed stays blank, so print gets an image.

import { byId, el } from "./dom";
import { findingNode } from "./event-view";
import type { Page } from "./page";

const PRINTED = 3;
const SAVED = 2;

export function handlePrint(page: Page): void {
  let added: HTMLElement[] = [];
  let theme: string | undefined;
  addEventListener("beforeprint", () => {
    theme = document.documentElement.dataset.theme;
    document.documentElement.dataset.theme = "light";
    page.redraw();
    const src = page.picture(PRINTED)?.toDataURL();
    const { findings } = page.store.now.recording.facts;
    const list = el("section", { id: "paper" }, ...findings.map((finding) => findingNode(finding, findings)));
    byId("detail").before(list);
    added = [list];
    if (!src) return;
    const image = el("img", { src, alt: "The stream over time" });
    byId("waterfall").before(image);
    added.push(image);
  });
  addEventListener("afterprint", () => {
    for (const element of added) element.remove();
    if (theme === undefined) delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    page.redraw();
  });
}

export function savePicture(page: Page): void {
  const canvas = page.picture(SAVED);
  const download = page.store.now.recording.facts.name.replace(/(\.jsonl)?(\.gz|\.zst)?$/, "").replace(/[^\w.-]+/g, "-") + ".png";
  if (canvas) el("a", { href: canvas.toDataURL("image/png"), download }).click();
}
