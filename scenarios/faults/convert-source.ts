import { momentMagnitude, seismicMoment } from '../../engine/sources/moment.ts';
import { withRuptureFront } from '../../engine/sources/rupture.ts';
import { readForeignFaultTable } from './foreign/read-foreign.ts';
import type { PublishedSource } from './published-sources.ts';
import type { FaultTable, SourceTable } from './source-table.ts';

/** Reads a foreign table and adds what its file does not say. Throws FaultTableError. */
export function convertSource(text: string, source: PublishedSource): SourceTable {
  const foreign = readForeignFaultTable(text, source.file);
  const { title, citation, licence, origin } = source;
  const notes = [`Converted from ${foreign.format}.`, ...foreign.notes, ...(source.notes ?? [])];
  const provenance = { title, citation, licence, origin, notes };
  if (foreign.kind === 'surface') return { ...provenance, kind: 'surface', humps: foreign.humps };
  const { kind, reference } = foreign;
  const table: FaultTable = {
    ...provenance,
    kind,
    reference,
    ...(source.rigidity === undefined ? {} : { rigidity: source.rigidity }),
    ...(source.magnitude === undefined ? {} : { magnitude: source.magnitude }),
    subfaults: source.front === undefined ? foreign.subfaults : withRuptureFront(foreign.subfaults, source.front),
  };
  return table;
}

/** One line on a table, for people. */
export function summary(table: SourceTable): string {
  if (table.kind === 'surface') return `${table.humps.length} Gaussian humps`;
  if (table.kind === 'catalogue') return `${table.subfaults.length} unit sources`;
  const moment = seismicMoment(table.subfaults, table.rigidity);
  return `${table.subfaults.length} subfaults, M0 ${moment.toExponential(2)} N m, Mw ${momentMagnitude(moment).toFixed(2)}`;
}
