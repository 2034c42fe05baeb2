/** Where something was written: a file (or `--set key`), and line and column from 1. */
export interface Place {
  readonly file: string;
  readonly line: number;
  readonly column: number;
}

/** One thing wrong with a scenario, where, and what to do about it. */
export interface Problem extends Place {
  /** The key that it is about, as `sources[0].slip`; empty for the whole file. */
  readonly path: string;
  readonly message: string;
  readonly cure: string;
}

/** Problems as lines for people: `file:line:column: path: message.` and, indented, the cure. */
export function formatProblems(problems: readonly Problem[]): string {
  return problems
    .map(({ file, line, column, path, message, cure }) => {
      const what = path === '' ? message : `${path}: ${message}`;
      return `${file}:${line}:${column}: ${what}.\n    ${cure}.`;
    })
    .join('\n');
}

/** The candidate nearest to a misspelt word, if any is near (Damerau–Levenshtein distance, at most a third of the word). */
export function nearest(word: string, candidates: readonly string[]): string | undefined {
  const reach = Math.max(1, Math.ceil(Math.min(word.length, 40) / 3));
  let best: string | undefined;
  let bestDistance = reach + 1;
  for (const candidate of candidates) {
    if (Math.abs(candidate.length - word.length) > reach) continue;
    const distance = editDistance(word.toLowerCase(), candidate.toLowerCase());
    if (distance < bestDistance) [best, bestDistance] = [candidate, distance];
  }
  return best;
}

/** Insertions, deletions, replacements and swaps of neighbours that turn a into b. */
export function editDistance(a: string, b: string): number {
  let before: number[] = [];
  let above = Array.from({ length: b.length + 1 }, (_, j) => j);
  for (let i = 1; i <= a.length; i++) {
    const row = [i];
    for (let j = 1; j <= b.length; j++) {
      const change = a[i - 1] === b[j - 1] ? 0 : 1;
      let least = Math.min(above[j]! + 1, row[j - 1]! + 1, above[j - 1]! + change);
      if (i > 1 && j > 1 && a[i - 1] === b[j - 2] && a[i - 2] === b[j - 1]) least = Math.min(least, before[j - 2]! + 1);
      row.push(least);
    }
    before = above;
    above = row;
  }
  return above[b.length]!;
}
