import { gunzipSync } from 'node:zlib';
import { convertSource } from './convert-source.ts';
import { publishedSource } from './published-sources.ts';
import { isTerrellaTable, readSourceTable } from './read-source-table.ts';
import type { SourceTable } from './source-table.ts';

/** The text of a file, unpacked if it is gzipped. */
export function sourceText(bytes: Uint8Array): string {
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return new TextDecoder('utf-8').decode(packed ? gunzipSync(bytes) : bytes);
}

/**
 * Reads a table of sources in Terrella's own form or in any foreign one that is known, gzipped or not. A foreign table is
 * completed like the published ones if its name is one of theirs. Throws FaultTableError with every problem.
 */
export function readSourceFile(bytes: Uint8Array, fileName: string): SourceTable {
  const text = sourceText(bytes);
  if (isTerrellaTable(text)) return readSourceTable(text, fileName);
  const name = fileName.replace(/^.*[\\/]/, '').replace(/\.gz$/, '');
  return convertSource(text, publishedSource(name));
}
