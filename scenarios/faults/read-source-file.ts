import { gunzipSync } from 'node:zlib';
import { sourceFromText } from './source-from-text.ts';
import type { SourceTable } from './source-table.ts';

/** The text of a file, unpacked if it is gzipped. */
export function sourceText(bytes: Uint8Array): string {
  const packed = bytes[0] === 0x1f && bytes[1] === 0x8b;
  return new TextDecoder('utf-8').decode(packed ? gunzipSync(bytes) : bytes);
}

/** `sourceFromText` the bytes of a file, gzipped or not. Throws FaultTableError with every problem. */
export const readSourceFile = (bytes: Uint8Array, fileName: string): SourceTable =>
  sourceFromText(sourceText(bytes), fileName);
