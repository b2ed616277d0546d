// Drive a real browser: a job a line on stdin, an answer a line on stdout.
//
// Nothing is added to a page: code is evaluated by the browser's own debugging protocol, which a page's policy does
// not concern. So what the policy forbids shows as an error in the console, and fails the tests.

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { createInterface } from "node:readline";
import puppeteer from "puppeteer-core";

const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const browser = await puppeteer.launch({
  executablePath: process.argv[2],
  headless: true,
  args: ["--no-sandbox", "--disable-dev-shm-usage", "--force-color-profile=srgb", "--disable-gpu"],
});
let page;
let problems;

const JOBS = {
  async open({ url, width = 1280, height = 800, dark = false, phone = false, wait = "load" }) {
    await page?.close();
    page = await browser.newPage();
    problems = { console: [], requests: [], dialogs: [] };
    page.on("console", (message) => {
      if (["error", "warn"].includes(message.type())) problems.console.push(message.text());
    });
    page.on("pageerror", (error) => problems.console.push(String(error)));
    page.on("request", (request) => problems.requests.push(request.url()));
    page.on("dialog", (dialog) => {
      problems.dialogs.push(dialog.message());
      void dialog.dismiss();
    });
    await page.setViewport({ width, height, isMobile: phone, hasTouch: phone, deviceScaleFactor: phone ? 2 : 1 });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: dark ? "dark" : "light" }]);
    await page.goto(url, { waitUntil: wait, timeout: 60_000 });
  },
  eval: ({ code }) => page.evaluate(code),
  async wait({ code, seconds = 60 }) {
    const until = Date.now() + seconds * 1000;
    for (;;) {
      const value = await page.evaluate(code);
      if (value) return value;
      if (Date.now() > until) throw new Error(`not true within ${seconds} s: ${code}`);
      await new Promise((resolve) => setTimeout(resolve, 20));
    }
  },
  click: ({ selector }) => page.click(selector),
  key: ({ key }) => page.keyboard.press(key),
  type: async ({ selector, text }) => {
    await page.focus(selector);
    await page.keyboard.type(text);
  },
  async wheel({ selector, dx = 0, dy = 0, ctrl = false }) {
    const { x, y, width, height } = await (await page.$(selector)).boundingBox();
    await page.mouse.move(x + width / 2, y + height / 2);
    if (ctrl) await page.keyboard.down("Control");
    await page.mouse.wheel({ deltaX: dx, deltaY: dy });
    if (ctrl) await page.keyboard.up("Control");
  },
  async drag({ selector, from, to }) {
    const { x, y, width, height } = await (await page.$(selector)).boundingBox();
    await page.mouse.move(x + width * from, y + height / 2);
    await page.mouse.down();
    await page.mouse.move(x + width * to, y + height / 2, { steps: 8 });
    await page.mouse.up();
  },
  media: ({ type }) => page.emulateMediaType(type),
  shot: ({ path, full = false }) => page.screenshot({ path, fullPage: full }).then(() => path),
  pdf: ({ path }) => page.pdf({ path, format: "A4", printBackground: true }).then(() => path),
  async axe() {
    await page.evaluate(axe);
    const { violations } = await page.evaluate("axe.run()");
    return violations.map(({ id, nodes }) => `${id}: ${nodes.slice(0, 3).map((node) => node.html.slice(0, 200)).join(" | ")}`);
  },
  problems: () => problems,
  version: () => browser.version(),
};

console.log(JSON.stringify({ value: await browser.version() }));
for await (const line of createInterface({ input: process.stdin })) {
  const job = JSON.parse(line);
  try {
    console.log(JSON.stringify({ value: (await JOBS[job.do](job)) ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
}
await browser.close();
