// Build `../page.html`: one file with the style and the program inline, and a policy that lets nothing else run.
//
//     node build.mjs            write it
//     node build.mjs --check    fail if the file differs from what would be written, or the program is too large
//
// The same sources give the same bytes: the versions of the tools are pinned.

import { createHash } from "node:crypto";
import { readFileSync, writeFileSync } from "node:fs";
import { build } from "esbuild";

const LARGEST = 56 * 1024; // bytes of program, minified
const here = (name) => new URL(name, import.meta.url);
const target = here("../page.html");

async function bundle(entry) {
  const { outputFiles } = await build({
    entryPoints: [new URL(entry, import.meta.url).pathname],
    bundle: true,
    minify: true,
    write: false,
    format: "iife",
    target: "es2022",
    charset: "utf8",
    legalComments: "none",
    logLevel: "warning",
  });
  return outputFiles[0].text.trim();
}

function hash(text) {
  return `'sha256-${createHash("sha256").update(text).digest("base64")}'`;
}

function put(template, mark, text) {
  const parts = template.split(`<!--${mark}-->`);
  if (parts.length !== 2) throw new Error(`src/index.html must have <!--${mark}--> once`);
  return parts.join(text);
}

const program = await bundle("src/main.ts");
const style = await bundle("src/style.css");
if (/<\/(script|style)|<!--/i.test(program + style)) throw new Error("what is inlined would end its own element");
const policy = [
  "default-src 'none'",
  `script-src ${hash(program)}`,
  `style-src ${hash(style)}`,
  "img-src data: blob:",
  "base-uri 'none'",
  "form-action 'none'",
  "require-trusted-types-for 'script'",
  "trusted-types 'none'",
].join("; ");

let page = readFileSync(here("src/index.html"), "utf8");
if (page.split("<!--data-->").length !== 2) throw new Error("src/index.html must have <!--data--> once");
page = put(page, "policy", `<meta http-equiv="Content-Security-Policy" content="${policy}">`);
page = put(page, "style", `<style>${style}</style>`);
page = put(page, "program", `<script>${program}</script>`);

const size = Buffer.byteLength(program);
console.log(`program ${size} bytes, style ${Buffer.byteLength(style)}, page ${Buffer.byteLength(page)}`);
if (size > LARGEST) {
  console.error(`the program is larger than ${LARGEST} bytes`);
  process.exitCode = 1;
}
if (!process.argv.includes("--check")) {
  writeFileSync(target, page);
} else if (readFileSync(target, "utf8") !== page) {
  console.error("inspector/page/page.html is not what its sources make: run `node build.mjs`, and commit it");
  process.exitCode = 1;
}
