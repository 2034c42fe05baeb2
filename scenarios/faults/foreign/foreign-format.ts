import type { GaussianHump } from '../../../engine/sources/hump.ts';
import type { ReferencePoint, SlipInterval, Subfault } from '../../../engine/sources/subfault.ts';
import { checkSubfaults, RANGES } from '../check-subfaults.ts';
import { type NumberRange, type ProblemList, readNumber } from '../problems.ts';

/** What a foreign file holds; who made it and under which licence the caller must say. */
export type ForeignTable =
  | {
      readonly kind: 'earthquake' | 'catalogue';
      readonly format: string;
      readonly reference: ReferencePoint;
      readonly subfaults: readonly Subfault[];
      readonly notes: readonly string[];
    }
  | {
      readonly kind: 'surface';
      readonly format: string;
      readonly humps: readonly GaussianHump[];
      readonly notes: readonly string[];
    };

/** A form of table that others use. */
export interface ForeignFormat {
  readonly name: string;
  /** How a file of this form is known, for people. */
  readonly mark: string;
  matches(text: string): boolean;
  /** Notes every problem in the list; the caller throws. */
  read(text: string, list: ProblemList): ForeignTable;
}

/** A row of cells with its line number, from 1. */
export interface ForeignRow {
  readonly line: number;
  readonly cells: readonly string[];
}

/** Lines of a text without its byte-order mark, numbered from 1. */
export function numberedLines(text: string): { readonly line: number; readonly content: string }[] {
  return text
    .replace(/^\uFEFF/, '')
    .split(/\r\n|\n|\r/)
    .map((content, index) => ({ line: index + 1, content }));
}

/** Cells of a row between commas, or between blanks where there is no comma; quotes around a cell are dropped. */
export function splitRow(content: string): string[] {
  const cells = content.includes(',') ? content.split(',') : content.trim().split(/\s+/);
  return cells.map((cell) => cell.trim().replace(/^"(.*)"$/, '$1'));
}

/** Fortran's exponents (1.0D+3) and its `NaN` words are as good as ours. */
const plain = (cell: string): string => cell.replace(/^([-+]?[\d.]+)[dD]([-+]?\d+)$/, '$1e$2');

/** Rows below a line of names; rows of another length are problems. */
export class ColumnTable {
  readonly names: readonly string[];
  readonly rows: readonly ForeignRow[];
  readonly list: ProblemList;

  constructor(names: readonly string[], rows: readonly ForeignRow[], list: ProblemList) {
    this.names = names;
    this.list = list;
    this.rows = rows.filter(({ line, cells }) => {
      if (cells.length === names.length) return true;
      const problem = `has ${cells.length} values for the ${names.length} columns ${names.join(', ')}`;
      list.add({ line, problem, cure: 'Give one value a column.' });
      return false;
    });
    if (rows.length === 0) list.add({ line: 0, problem: 'has no rows', cure: 'Add at least one subfault.' });
  }

  text(row: ForeignRow, name: string): string {
    return row.cells[this.names.indexOf(name)] ?? '';
  }

  number(row: ForeignRow, name: string, range: NumberRange): number {
    return readNumber(plain(this.text(row, name)), range, row.line, name, this.list);
  }

  has(name: string): boolean {
    return this.names.includes(name);
  }
}

/** The table under the first line that is not a comment (`#` or `%`). */
export function columnTable(text: string, list: ProblemList): ColumnTable {
  const lines = numberedLines(text).filter(({ content }) => content.trim() !== '' && !/^\s*[#%]/.test(content));
  const rows = lines.map(({ line, content }) => ({ line, cells: splitRow(content) }));
  return new ColumnTable(rows[0]?.cells ?? [], rows.slice(1), list);
}

/** The line of names of a text, split; empty if there is none. */
export function namesOf(text: string): string[] {
  const first = numberedLines(text).find(({ content }) => content.trim() !== '' && !/^\s*[#%]/.test(content));
  return first === undefined ? [] : splitRow(first.content);
}

/** Whether a text's line of names is exactly this one. */
export const hasNames = (text: string, names: readonly string[]): boolean =>
  namesOf(text).join(' ') === names.join(' ');

/** Columns of a subfault's geometry in a foreign table, in degrees and km. A number in place of a name is the value itself. */
export interface GeometryColumns {
  readonly longitude: string;
  readonly latitude: string;
  readonly depth: string | number;
  readonly length: string | number;
  readonly width: string | number;
  readonly strike: string | number;
  readonly dip: string | number;
  readonly rake: string | number;
}

/** Reads a row's geometry; strikes are brought into 0 … 360. */
export function readSubfault(
  table: ColumnTable,
  row: ForeignRow,
  columns: GeometryColumns,
  reference: ReferencePoint,
  name: string,
  slip: readonly SlipInterval[],
): Subfault {
  const value = (column: string | number, range: NumberRange): number =>
    typeof column === 'number' ? column : table.number(row, column, range);
  const strike = value(columns.strike, { least: -360, most: 720, unit: 'degrees' });
  return {
    name,
    longitude: value(columns.longitude, RANGES.longitude),
    latitude: value(columns.latitude, RANGES.latitude),
    depth: 1000 * value(columns.depth, RANGES.depth),
    reference,
    length: 1000 * value(columns.length, RANGES.length),
    width: 1000 * value(columns.width, RANGES.width),
    strike: strike - 360 * Math.floor(strike / 360),
    dip: value(columns.dip, RANGES.dip),
    rake: value(columns.rake, RANGES.rake),
    slip,
  };
}

/** Notes subfaults that cannot be laid out. */
export function checkRows(subfaults: readonly Subfault[], rows: readonly ForeignRow[], list: ProblemList): void {
  checkSubfaults(
    subfaults.map((subfault, n) => ({ subfault, line: rows[n]?.line ?? 0 })),
    list,
  );
}
