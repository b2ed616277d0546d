// Drive a real browser: a job a line on stdin, an answer a line on stdout.
//
// Code is evaluated by the browser's own debugging protocol, which a page's policy does not concern. So what the policy
// forbids shows as an error in the console, and fails the tests. Each job but `open` and `wait` begins when the page is
// at rest (in a live page, only after `rest`): a test never looks at, or clicks into, a page that still draws. With
// `BROWSER_LATENESS=60` whatever the page puts off comes 60 ms later, which shows the tests that look too early.

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
const lateness = Number(process.env.BROWSER_LATENESS ?? 0);
let page;
let problems;
let still; // whether the page comes to rest by itself: a live one does not

// Before a page's own script runs: count what it has put off (frames, short timers, idle moments, unpacking).
const COUNT_PENDING = (lateness) => {
  let pending = 0;
  const [frame, timer] = [globalThis.requestAnimationFrame.bind(globalThis), globalThis.setTimeout.bind(globalThis)];
  const late = (act) => (lateness ? timer(act, lateness) : act());
  const count = (name, cancel, applies = () => true) => {
    const open = new Set();
    const [later, never] = [globalThis[name].bind(globalThis), globalThis[cancel].bind(globalThis)];
    const end = (id) => open.delete(id) && pending--;
    globalThis[name] = (act, ...more) => {
      if (!applies(...more)) return later(act, ...more);
      const run = (...given) => {
        if (!open.has(id)) return;
        try {
          act(...given);
        } finally {
          end(id);
        }
      };
      const id = later((...given) => late(() => run(...given)), ...more);
      open.add(id);
      pending++;
      return id;
    };
    globalThis[cancel] = (id) => {
      end(id);
      never(id);
    };
  };
  count("requestAnimationFrame", "cancelAnimationFrame");
  count("requestIdleCallback", "cancelIdleCallback");
  count("setTimeout", "clearTimeout", (delay = 0) => delay < 200);
  const unpack = Response.prototype.arrayBuffer;
  Response.prototype.arrayBuffer = async function () {
    pending++;
    const bytes = await unpack.call(this);
    await new Promise((done) => late(done));
    pending--;
    return bytes;
  };
  const measured = () => new Promise((done) => frame(() => frame(done))); // observers of sizes come after a frame
  globalThis.atRest = async () => pending === 0 && (await measured(), pending === 0);
};

/** Wait, as a person does, until the page stops changing. */
async function rest() {
  if (page) await JOBS.wait({ code: "document.readyState === 'complete' && (!globalThis.atRest || atRest())" });
}

const JOBS = {
  async open({ url, width = 1280, height = 800, dark = false, phone = false, wait = "load", live = false }) {
    await page?.close();
    page = await browser.newPage();
    still = !live;
    await page.evaluateOnNewDocument(COUNT_PENDING, lateness);
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
  rest,
  problems: () => problems,
  version: () => browser.version(),
};

console.log(JSON.stringify({ value: await browser.version() }));
for await (const line of createInterface({ input: process.stdin })) {
  const job = JSON.parse(line);
  try {
    if (still && !["open", "wait", "problems"].includes(job.do)) await rest();
    console.log(JSON.stringify({ value: (await JOBS[job.do](job)) ?? null }));
  } catch (error) {
    console.log(JSON.stringify({ error: String(error) }));
  }
}
await browser.close();
