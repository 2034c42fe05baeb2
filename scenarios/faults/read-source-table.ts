import type { GaussianHump } from '../../engine/sources/hump.ts';
import {
  REFERENCE_POINTS,
  type ReferencePoint,
  type SlipInterval,
  type Subfault,
} from '../../engine/sources/subfault.ts';
import { nearest } from '../problems.ts';
import { checkSubfaults, RANGES } from './check-subfaults.ts';
import { type NumberRange, ProblemList, readNumber } from './problems.ts';
import {
  FAULT_COLUMNS,
  FAULTS_TAG,
  type FaultTable,
  HEADER_KEYS,
  type HeaderKey,
  OPTIONAL_FAULT_COLUMNS,
  type Provenance,
  type SourceTable,
  SPREAD_COLUMNS,
  SURFACE_COLUMNS,
  SURFACE_TAG,
  type SurfaceTable,
} from './source-table.ts';

interface Row {
  readonly line: number;
  readonly cells: readonly string[];
}

interface Sheet {
  readonly header: ReadonlyMap<HeaderKey, { readonly text: string; readonly line: number }>;
  readonly notes: readonly string[];
  readonly columns: ReadonlyMap<string, number>;
  readonly rows: readonly Row[];
}

/** Whether a text is one of Terrella's own tables, by its first line. */
export function isTerrellaTable(text: string): boolean {
  return /^(\uFEFF)?# terrella-(faults|surface) /.test(text);
}

/** Reads a table in Terrella's own form, faults or surface. Throws FaultTableError with every problem. */
export function readSourceTable(text: string, fileName: string): SourceTable {
  const first = firstLine(text);
  return first.startsWith('# terrella-surface') ? readSurfaceTable(text, fileName) : readFaultTable(text, fileName);
}

/**
 * Reads a fault table in Terrella's own form (scenarios/data/sources/README.md). Throws FaultTableError with every problem:
 * line, column, value, and cure.
 */
export function readFaultTable(text: string, fileName: string): FaultTable {
  const list = new ProblemList(fileName);
  checkTag(text, FAULTS_TAG, list);
  const sheet = readSheet(text, FAULT_COLUMNS, OPTIONAL_FAULT_COLUMNS, list);
  const reference = oneOf(sheet, 'reference point', REFERENCE_POINTS, list);
  const kind = oneOf(sheet, 'kind', ['earthquake', 'catalogue'] as const, list);
  const rigidity = headerNumber(sheet, 'rigidity [GPa]', { least: 1, most: 1000, unit: 'GPa' }, list);
  const magnitude = headerNumber(sheet, 'magnitude', { least: 4, most: 10, unit: 'units of magnitude' }, list);
  const provenance = readProvenance(sheet, list);
  const subfaults = reference === undefined ? [] : readSubfaults(sheet, reference, list);
  list.finish();
  return {
    ...provenance,
    kind: kind!,
    reference: reference!,
    ...(rigidity === undefined ? {} : { rigidity: rigidity * 1e9 }),
    ...(magnitude === undefined ? {} : { magnitude }),
    subfaults,
  };
}

/** Reads a table of Gaussian humps in Terrella's own form. Throws FaultTableError with every problem. */
export function readSurfaceTable(text: string, fileName: string): SurfaceTable {
  const list = new ProblemList(fileName);
  checkTag(text, SURFACE_TAG, list);
  const sheet = readSheet(text, SURFACE_COLUMNS, SPREAD_COLUMNS, list);
  const spreads = SPREAD_COLUMNS.filter((column) => sheet.columns.has(column));
  if (spreads.length !== 1) {
    const cure = `Have exactly one of the columns ${SPREAD_COLUMNS.join(' and ')}.`;
    list.add({ line: 0, problem: `${spreads.length} columns give the width of the humps`, cure });
  }
  const unit = spreads[0] === 'standard deviation [m]' ? 'metres' : 'degrees';
  const provenance = readProvenance(sheet, list);
  const humps: GaussianHump[] = sheet.rows.map((row) => {
    const number = (column: string, range: NumberRange): number => readCell(sheet, row, column, range, list);
    return {
      longitude: number('longitude [degrees_east]', RANGES.longitude),
      latitude: number('latitude [degrees_north]', RANGES.latitude),
      amplitude: number('amplitude [m]', { least: -100, most: 100, unit: 'm' }),
      standardDeviation: spreads.length === 1 ? number(spreads[0]!, { least: 1e-6, most: 1e7, unit }) : Number.NaN,
      unit,
    };
  });
  list.finish();
  return { ...provenance, kind: 'surface', humps };
}

const firstLine = (text: string): string =>
  text
    .replace(/^\uFEFF/, '')
    .split(/\r?\n/, 1)[0]!
    .trim();

function checkTag(text: string, tag: string, list: ProblemList): void {
  const first = firstLine(text);
  if (first === tag) return;
  const cure = `Begin the file with "${tag}", or convert another form of table with readForeignFaultTable.`;
  list.add({ line: 1, value: first.slice(0, 60), problem: 'does not say what kind of table this is', cure });
}

function readSheet(text: string, required: readonly string[], optional: readonly string[], list: ProblemList): Sheet {
  const header = new Map<HeaderKey, { text: string; line: number }>();
  const notes: string[] = [];
  const rows: Row[] = [];
  let columns: Map<string, number> | undefined;
  text.split(/\r?\n/).forEach((raw, index) => {
    const line = index + 1;
    const content = raw.trim();
    if (content === '' || line === 1) return;
    if (content.startsWith('#')) {
      readHeaderLine(content, line, header, notes, list);
    } else if (columns === undefined) {
      columns = readColumns(content, line, required, optional, list);
    } else {
      const cells = content.split(',').map((cell) => cell.trim());
      if (cells.length === columns.size) rows.push({ line, cells });
      else {
        const problem = `has ${cells.length} values for ${columns.size} columns`;
        list.add({ line, problem, cure: 'Give one value a column, separated by commas.' });
      }
    }
  });
  if (columns === undefined) {
    list.add({ line: 0, problem: 'has no line of column names', cure: `Add the line ${required.join(',')}` });
  } else if (rows.length === 0) list.add({ line: 0, problem: 'has no rows', cure: 'Add at least one.' });
  return { header, notes, columns: columns ?? new Map(), rows };
}

function readHeaderLine(
  content: string,
  line: number,
  header: Map<HeaderKey, { text: string; line: number }>,
  notes: string[],
  list: ProblemList,
): void {
  const match = /^#\s*([^:]*?)\s*:\s*(.*)$/.exec(content);
  if (match === null) {
    list.add({ line, value: content, problem: 'is not "# key: value"', cure: 'Write free text as "# note: …".' });
    return;
  }
  const [, word, text] = match as unknown as [string, string, string];
  const key = HEADER_KEYS.find((known) => known === word);
  if (key === undefined) {
    const guess = nearest(word, HEADER_KEYS);
    const cure = guess === undefined ? `Known are: ${HEADER_KEYS.join(', ')}.` : `Did you mean "${guess}"?`;
    list.add({ line, column: word, problem: 'is no known key', cure });
  } else if (key === 'note') notes.push(text);
  else if (header.has(key)) {
    list.add({
      line,
      column: key,
      value: text,
      problem: 'comes twice',
      cure: `Keep one; the first is in line ${header.get(key)!.line}.`,
    });
  } else header.set(key, { text, line });
}

function readColumns(
  content: string,
  line: number,
  required: readonly string[],
  optional: readonly string[],
  list: ProblemList,
): Map<string, number> {
  const columns = new Map<string, number>();
  const known = [...required, ...optional];
  content.split(',').forEach((cell, index) => {
    const name = cell.trim();
    if (columns.has(name))
      list.add({ line, column: name, problem: 'comes twice', cure: 'Keep one of the two columns.' });
    if (!known.includes(name)) {
      const guess = nearest(name, known);
      const cure = guess === undefined ? `Known are: ${known.join(', ')}.` : `Did you mean "${guess}"?`;
      list.add({ line, column: name, problem: 'is no known column', cure });
    }
    // A repeated name still takes its place, so that rows keep their number of values.
    columns.set(columns.has(name) ? `${name}#${index}` : name, index);
  });
  for (const name of required) {
    if (!columns.has(name))
      list.add({ line, column: name, problem: 'is missing', cure: 'Add the column, its unit in the name.' });
  }
  return columns;
}

function readProvenance(sheet: Sheet, list: ProblemList): Provenance {
  const text = (key: HeaderKey): string => {
    const found = sheet.header.get(key)?.text ?? '';
    if (found === '') list.add({ line: 0, column: key, problem: 'is missing', cure: `Add a line "# ${key}: …".` });
    return found;
  };
  const origin = sheet.header.get('origin')?.text;
  return {
    title: text('title'),
    citation: text('citation'),
    licence: text('licence'),
    ...(origin === undefined ? {} : { origin }),
    notes: sheet.notes,
  };
}

function oneOf<T extends string>(sheet: Sheet, key: HeaderKey, words: readonly T[], list: ProblemList): T | undefined {
  const found = sheet.header.get(key);
  const word = words.find((candidate) => candidate === found?.text);
  if (word !== undefined) return word;
  const cure = `Write "# ${key}: …" with one of ${words.join(', ')}.`;
  if (found === undefined) list.add({ line: 0, column: key, problem: 'is missing', cure });
  else list.add({ line: found.line, column: key, value: found.text, problem: 'is not known', cure });
  return undefined;
}

function headerNumber(sheet: Sheet, key: HeaderKey, range: NumberRange, list: ProblemList): number | undefined {
  const found = sheet.header.get(key);
  return found === undefined ? undefined : readNumber(found.text, range, found.line, key, list);
}

function readCell(sheet: Sheet, row: Row, column: string, range: NumberRange, list: ProblemList): number {
  const index = sheet.columns.get(column);
  return index === undefined ? Number.NaN : readNumber(row.cells[index]!, range, row.line, column, list);
}

type Open = Subfault & { readonly slip: SlipInterval[] };

/** Rows with the same name are the slip intervals of one subfault: their geometry must agree. */
function readSubfaults(sheet: Sheet, reference: ReferencePoint, list: ProblemList): Subfault[] {
  const found = new Map<string, { subfault: Open; row: Row }>();
  const geometry = FAULT_COLUMNS.filter(
    (column) => !['subfault', 'start [s]', 'rise [s]', 'slip [m]'].includes(column),
  );
  for (const row of sheet.rows) {
    const number = (column: string, range: NumberRange): number => readCell(sheet, row, column, range, list);
    const name = row.cells[sheet.columns.get('subfault') ?? 0]!;
    if (name === '') {
      list.add({
        line: row.line,
        column: 'subfault',
        problem: 'is empty',
        cure: 'Give every subfault a name or number.',
      });
    }
    const interval: SlipInterval = {
      start: number('start [s]', RANGES.start),
      rise: number('rise [s]', RANGES.rise),
      ...(sheet.columns.has('fall [s]') ? { fall: number('fall [s]', RANGES.rise) } : {}),
      slip: number('slip [m]', RANGES.slip),
    };
    const known = found.get(name);
    if (known !== undefined) {
      for (const column of [...geometry, 'rigidity [GPa]'].filter((candidate) => sheet.columns.has(candidate))) {
        const index = sheet.columns.get(column)!;
        if (Number(row.cells[index]) === Number(known.row.cells[index])) continue;
        const problem = `differs from ${known.row.cells[index]} in line ${known.row.line}, the same subfault ${name}`;
        const cure = 'Rows of one name are slip intervals of one subfault: make them agree, or rename one.';
        list.add({ line: row.line, column, value: row.cells[index]!, problem, cure });
      }
      known.subfault.slip.push(interval);
      continue;
    }
    const subfault: Open = {
      name,
      longitude: number('longitude [degrees_east]', RANGES.longitude),
      latitude: number('latitude [degrees_north]', RANGES.latitude),
      depth: 1000 * number('depth [km]', RANGES.depth),
      reference,
      length: 1000 * number('length [km]', RANGES.length),
      width: 1000 * number('width [km]', RANGES.width),
      strike: number('strike [degrees]', RANGES.strike),
      dip: number('dip [degrees]', RANGES.dip),
      rake: number('rake [degrees]', RANGES.rake),
      slip: [interval],
      ...(sheet.columns.has('rigidity [GPa]') ? { rigidity: 1e9 * number('rigidity [GPa]', RANGES.rigidity) } : {}),
    };
    found.set(name, { subfault, row });
  }
  const entries = [...found.values()];
  checkSubfaults(
    entries.map(({ subfault, row }) => ({ subfault, line: row.line })),
    list,
  );
  return entries.map(({ subfault }) => subfault);
}
