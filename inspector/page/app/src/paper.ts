// On paper and in a file. A canvas that changes its size while a page is printed stays blank, so print gets an image.

import { byId, el } from "./dom";
import type { Waterfall } from "./waterfall";

const RATIO = 3;

export function handlePrint(waterfall: Waterfall): void {
  let image: HTMLImageElement | undefined;
  let theme: string | undefined;
  addEventListener("beforeprint", () => {
    theme = document.documentElement.dataset.theme;
    document.documentElement.dataset.theme = "light";
    waterfall.redraw();
    image = el("img", { src: waterfall.render(RATIO).toDataURL(), alt: "Waterfall of the stream over time" });
    byId("waterfall").append(image);
  });
  addEventListener("afterprint", () => {
    image?.remove();
    if (theme === undefined) delete document.documentElement.dataset.theme;
    else document.documentElement.dataset.theme = theme;
    waterfall.redraw();
  });
}

export function savePicture(canvas: HTMLCanvasElement, name: string): void {
  const download = name.replace(/(\.jsonl)?(\.gz|\.zst)?$/, "").replace(/[^\w.-]+/g, "-") + ".png";
  el("a", { href: canvas.toDataURL("image/png"), download }).click();
}
