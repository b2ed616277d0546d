// How the manual's search ranks what it finds. Sphinx puts this into its own program.
//
// Sphinx alone gives every page the same few points for a word in its text, and ranks by the alphabet then.
// Here a page comes first if its title is like the query. So does a page with such an index entry, which
// `search_phrases.py` makes. A heading counts less than a title.

var Scorer = { // Sphinx declares it too, so it can be no `const`
  // Sphinx's own points. They decide between pages that are equally like the query.
  objNameMatch: 11,
  objPartialMatch: 6,
  objPrio: { 0: 15, 1: 5, 2: -5 },
  objPrioDefault: 0,
  title: 15,
  partialTitle: 7,
  term: 5,
  partialTerm: 2,

  /** Return the points of a result: what it has already is at most 100. */
  score: ([page, title, anchor, description, points]) => {
    const query = Scorer.words(new URLSearchParams(window.location.search).get("q") || "");
    const heads = anchor ? [[title.split(" > ").pop(), 0.7]] : Scorer.heads(page);
    const likeness = heads.map(([text, weight]) => weight * Scorer.likeness(query, Scorer.words(text)));
    return points / 100 + Math.max(0, ...likeness) * 100;
  },

  /** The title and the main index entries of a page, its other entries and its headings, each with its weight. */
  heads: (page) => {
    const { docnames, titles, alltitles, indexentries } = Search._index;
    const at = docnames.indexOf(page);
    const here = (entries) =>
      Object.entries(entries).flatMap(([text, found]) => {
        const own = found.filter(([file]) => file === at);
        return own.length ? [[text, own.some(([, , isMain]) => isMain === true) ? 1 : 0.7]] : [];
      });
    return [[titles[at], 1], ...here(indexentries), ...here(alltitles)];
  },

  /** The stems of a text without what every page has. `message_stop` is two words. */
  words: (text) => {
    const ignored = new Set([...stopwords, "inspector"]);
    const words = text.toLowerCase().split(/[^\p{L}\p{N}]+/u).filter((word) => word && !ignored.has(word));
    return new Set(words.map((word) => new Stemmer().stemWord(word)));
  },

  /** How much two sets of words have in common, from 0 to 1: the coefficient of Sørensen and Dice. */
  likeness: (one, other) => {
    const common = [...one].filter((word) => other.has(word)).length;
    return common ? (2 * common) / (one.size + other.size) : 0;
  },
};
