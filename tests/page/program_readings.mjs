// Read the recordings of a page with the page's own program, outside of a browser, and print what it makes of them.
//
//   node program_readings.mjs APP PAGE.html

import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { join } from "node:path";
import { gunzipSync } from "node:zlib";

const [app, page] = process.argv.slice(2);
const { buildSync } = createRequire(join(app, "package.json"))("esbuild");

const contents = `
  export { contentOf } from "./content";
  export { Recording } from "./recording";
  export { messageAt } from "./snapshot";
  export { Texts } from "./texts";
  export { readWire } from "./wire";
`;
const bundle = buildSync({ stdin: { contents, resolveDir: join(app, "src") }, bundle: true, write: false, format: "esm" });
const program = await import(`data:text/javascript;base64,${Buffer.from(bundle.outputFiles[0].contents).toString("base64")}`);

const html = readFileSync(page, "utf8");
const element = (id) => new RegExp(`<script id="${id}"[^>]*>([^<]*)</script>`).exec(html)[1];
const unpacked = (id) => new Uint8Array(gunzipSync(Buffer.from(element(id), "base64")));

const readings = JSON.parse(element("facts")).recordings.map((facts, index) => {
  const recording = new program.Recording(facts, unpacked(`columns-${index}`));
  const early = recording.count ? program.contentOf(recording, 0) : null;
  recording.body = unpacked(`lines-${index}`);
  const lines = Array.from({ length: recording.count }, (_, line) => line);
  const texts = new program.Texts(recording);
  const found = (text) => lines.filter((line) => texts.find(text)[line]).length;
  return {
    name: facts.name,
    early,
    labels: lines.map((line) => program.contentOf(recording, line).name),
    events: recording.numbers[recording.count - 1] ?? 0,
    times: Array.from(recording.times),
    body: Buffer.concat(lines.map((line) => program.readWire(recording.line(line)).bytes)).toString("base64"),
    message: recording.count ? program.messageAt(texts, recording.count - 1) : null,
    steps: lines.map((line) => program.messageAt(texts, line).blocks.map(({ text }) => text.length)),
    found: { split: found("n\": \"Troms"), absent: found("no such text") },
  };
});
process.stdout.write(JSON.stringify(readings));
