/**
 * Converts published tables of sources to Terrella's form:
 *   node dist/scenarios/faults/convert.js INPUT [OUTPUT FOLDER]
 * INPUT is a file, gzipped or not, or a folder of them. Without an output folder it only says what it read.
 */
import { mkdirSync, readdirSync, readFileSync, statSync, writeFileSync } from 'node:fs';
import { basename, join } from 'node:path';
import { argv, exit } from 'node:process';
import { convertSource, summary } from './convert-source.ts';
import { FaultTableError } from './problems.ts';
import { publishedSource } from './published-sources.ts';
import { sourceText } from './read-source-file.ts';
import { writeSourceTable } from './write-source-table.ts';

const [input, output] = argv.slice(2);
if (input === undefined) {
  console.error(
    'Usage: node dist/scenarios/faults/convert.js INPUT [OUTPUT FOLDER]\nINPUT is a table of sources, or a folder of them.',
  );
  exit(2);
}

const files = statSync(input).isDirectory()
  ? readdirSync(input)
      .sort()
      .map((name) => join(input, name))
  : [input];
if (output !== undefined) mkdirSync(output, { recursive: true });

let failed = 0;
for (const file of files) {
  const text = sourceText(readFileSync(file));
  const source = publishedSource(basename(file).replace(/\.gz$/, ''));
  try {
    const table = convertSource(text, source);
    if (output !== undefined) writeFileSync(join(output, `${source.table}.csv`), writeSourceTable(table));
    console.log(`${source.table}: ${summary(table)}`);
  } catch (error) {
    if (!(error instanceof FaultTableError)) throw error;
    console.error(error.message);
    failed++;
  }
}
exit(failed === 0 ? 0 : 1);
