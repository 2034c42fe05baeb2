import { ProblemList } from '../problems.ts';
import type { ForeignFormat, ForeignTable } from './foreign-format.ts';
import { ho2019 } from './ho-2019.ts';
import { PAPER_FORMATS } from './paper-tables.ts';
import { siftCatalogue } from './sift-catalogue.ts';
import { srcmod } from './srcmod.ts';
import { ucsb } from './ucsb.ts';

/** Every form of table that can be read, in the order in which they are tried; no file is two of them. */
export const FOREIGN_FORMATS: readonly ForeignFormat[] = [ucsb, srcmod, siftCatalogue, ho2019, ...PAPER_FORMATS];

/**
 * Reads a table of sources in any of the forms that scientists exchange, found out from its content. Throws FaultTableError
 * with every problem, or with the list of known forms if it is none of them. A gzipped file must be unpacked first.
 */
export function readForeignFaultTable(text: string, fileName: string): ForeignTable {
  const list = new ProblemList(fileName);
  const format = FOREIGN_FORMATS.find((candidate) => candidate.matches(text));
  if (format === undefined) {
    const known = FOREIGN_FORMATS.map(({ name, mark }) => `${name} (${mark})`).join('; ');
    const packed = text.startsWith('\u001f\u008b') || text.startsWith('\u001f\uFFFD');
    const problem = packed ? 'is packed with gzip' : 'is no form of source table that is known';
    list.add({
      line: 0,
      problem,
      cure: packed ? 'Unpack it first.' : `Known are: ${known}. Or write Terrella’s own form.`,
    });
    list.finish();
  }
  const table = format!.read(text, list);
  list.finish();
  return table;
}
