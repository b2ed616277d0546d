// Runs the search of a built manual, and prints for each query the pages that it lists, the best first.
// node searching.mjs FOLDER QUERY...
import { readFileSync } from "node:fs";
import vm from "node:vm";

const [folder, ...queries] = process.argv.slice(2);
const element = { childNodes: [], addEventListener() {}, removeChild() {} };
const document = { documentElement: { dataset: {} }, addEventListener() {}, getElementById: () => element };
const window = vm.createContext({
  document,
  location: {},
  URLSearchParams,
  DOCUMENTATION_OPTIONS: {},
  SPHINX_HIGHLIGHT_ENABLED: false,
  _: (text) => text, // would translate
  _ready() {}, // would begin when the page is there
});
window.window = window;
for (const name of ["_static/language_data.js", "_static/searchtools.js", "searchindex.js"])
  vm.runInContext(readFileSync(`${folder}/${name}`, "utf8"), window, { filename: name });

const answers = queries.map((query) => {
  window.location.search = `?${new URLSearchParams({ q: query })}`;
  const search = "(query) => Search._performSearch(...Search._parseQuery(query))";
  const results = vm.runInContext(search, window)(query); // the best is the last
  return results.reverse().map(([page, , anchor]) => page + anchor);
});
console.log(JSON.stringify(answers));
