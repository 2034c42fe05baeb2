import {
  FAULT_COLUMNS,
  FAULTS_TAG,
  type FaultTable,
  type HeaderKey,
  type Provenance,
  type SourceTable,
  SPREAD_COLUMNS,
  SURFACE_COLUMNS,
  SURFACE_TAG,
  type SurfaceTable,
} from './source-table.ts';

/** Twelve digits: more than any table has, and enough to drop the noise of a change of unit. */
const number = (value: number): string => String(Number(value.toPrecision(12)));

/** Writes a table in Terrella's own form, for readSourceTable. */
export function writeSourceTable(table: SourceTable): string {
  return table.kind === 'surface' ? writeSurface(table) : writeFaults(table);
}

function writeFaults(table: FaultTable): string {
  const cosine = table.subfaults.some(({ slip }) => slip.some(({ fall }) => fall !== undefined));
  const rigidities = table.subfaults.some(({ rigidity }) => rigidity !== undefined);
  const columns = [...FAULT_COLUMNS, ...(cosine ? ['fall [s]'] : []), ...(rigidities ? ['rigidity [GPa]'] : [])];
  const lines = [
    FAULTS_TAG,
    ...provenanceLines(table),
    line('kind', table.kind),
    line('reference point', table.reference),
    ...(table.rigidity === undefined ? [] : [line('rigidity [GPa]', number(table.rigidity / 1e9))]),
    ...(table.magnitude === undefined ? [] : [line('magnitude', number(table.magnitude))]),
    ...table.notes.map((note) => line('note', note)),
    columns.join(','),
  ];
  for (const subfault of table.subfaults) {
    const { longitude, latitude, depth, length, width, strike, dip, rake, rigidity } = subfault;
    const geometry = [longitude, latitude, depth / 1000, length / 1000, width / 1000, strike, dip, rake].map(number);
    const moving = subfault.slip.filter(({ slip }) => slip !== 0);
    for (const interval of moving.length > 0 ? moving : subfault.slip.slice(0, 1)) {
      const cells = [subfault.name, ...geometry, ...[interval.start, interval.rise, interval.slip].map(number)];
      if (cosine) cells.push(number(interval.fall ?? 0));
      if (rigidities) cells.push(number((rigidity ?? table.rigidity ?? 4e10) / 1e9));
      lines.push(cells.join(','));
    }
  }
  return `${lines.join('\n')}\n`;
}

function writeSurface(table: SurfaceTable): string {
  const degrees = table.humps.every(({ unit }) => unit === 'degrees');
  const lines = [
    SURFACE_TAG,
    ...provenanceLines(table),
    ...table.notes.map((note) => line('note', note)),
    [...SURFACE_COLUMNS, SPREAD_COLUMNS[degrees ? 0 : 1]].join(','),
    ...table.humps.map(({ longitude, latitude, amplitude, standardDeviation }) =>
      [longitude, latitude, amplitude, standardDeviation].map(number).join(','),
    ),
  ];
  return `${lines.join('\n')}\n`;
}

const line = (key: HeaderKey, text: string): string => `# ${key}: ${text}`;

function provenanceLines({ title, citation, licence, origin }: Provenance): string[] {
  const lines = [line('title', title), line('citation', citation), line('licence', licence)];
  return origin === undefined ? lines : [...lines, line('origin', origin)];
}
