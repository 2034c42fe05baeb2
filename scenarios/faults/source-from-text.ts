import { convertSource } from './convert-source.ts';
import { publishedSource } from './published-sources.ts';
import { isTerrellaTable, readSourceTable } from './read-source-table.ts';
import type { SourceTable } from './source-table.ts';

/**
 * Reads a table of sources in Terrella's own form or in any foreign one that is known. A foreign table is completed like
 * the published ones if its name is one of theirs. Throws FaultTableError with every problem.
 */
export function sourceFromText(text: string, fileName: string): SourceTable {
  if (isTerrellaTable(text)) return readSourceTable(text, fileName);
  const name = fileName.replace(/^.*[\\/]/, '').replace(/\.gz$/, '');
  return convertSource(text, publishedSource(name));
}
