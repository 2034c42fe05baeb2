import { WeatherError } from './errors.ts';
import { type BitMap, readBitMap, unpack } from './grib2-values.ts';
import { Octets } from './octets.ts';

/**
 * GRIB, edition 2: WMO Manual on Codes No. 306, volume I.2, FM 92. Grids of template 3.0 (regular latitudes and
 * longitudes), products of template 4.0 (one moment at one level), data packed by templates 5.0, 5.2 and 5.3.
 */

/** What a field is and where, of product template 4.0; codes from tables 4.1, 4.2 and 4.5. */
export interface Grib2Product {
  readonly category: number;
  readonly number: number;
  /** Kind of the first fixed surface: 100 is a surface of equal pressure. */
  readonly surface: number;
  /** Its value in the unit of its kind, e.g. Pa. */
  readonly level: number;
  /** Forecast time in the unit of `timeUnit` (table 4.4: 0 minutes, 1 hours, 2 days). */
  readonly forecast: number;
  readonly timeUnit: number;
}

/** A regular grid, its points in rows from the north, each from the west. */
export interface RegularGrid {
  readonly columns: number;
  readonly rows: number;
  /** Of the first point [degrees]; longitude 0 … 360. */
  readonly north: number;
  readonly west: number;
  /** Between points [degrees]. */
  readonly stepLongitude: number;
  readonly stepLatitude: number;
}

export interface Grib2Field {
  /** Of the message in the file. */
  readonly offset: number;
  readonly discipline: number;
  /** To which the forecast time is added: UTC, ISO 8601. */
  readonly reference: string;
  /** Undefined for products of other templates, which cannot be selected. */
  readonly product: Grib2Product | undefined;
  /** Throws WeatherError for grids and packings other than those named above. */
  readonly grid: () => RegularGrid;
  /** Row by row from the north-west, NaN where there is none. Throws WeatherError. */
  readonly values: () => Float64Array;
}

/** Of one field: 0.1° around the globe has 6.5 million. */
const MOST_POINTS = 2 ** 24;
const MISSING = 0xffffffff;

/** Every field of a file, with messages of several fields taken apart. Values are unpacked when asked for. Throws WeatherError. */
export function readGrib2(file: Uint8Array): readonly Grib2Field[] {
  const fields: Grib2Field[] = [];
  for (let at = nextMessage(file, 0); at !== undefined; ) {
    const end = readMessage(file, at, fields);
    at = nextMessage(file, end);
  }
  if (fields.length === 0)
    throw new WeatherError({
      tag: 'NotGrib2',
      problem: `there is no GRIB message in these ${file.length} octets.`,
      cure: 'Name a file of GRIB, edition 2.',
    });
  return fields;
}

const LETTERS = [0x47, 0x52, 0x49, 0x42] as const;

/** Where the next message begins: there may be other octets between two. */
function nextMessage(file: Uint8Array, from: number): number | undefined {
  for (let at = file.indexOf(LETTERS[0], from); at >= 0; at = file.indexOf(LETTERS[0], at + 1))
    if (LETTERS.every((letter, k) => file[at + k] === letter)) return at;
  return undefined;
}

/** Sections that may follow a section: 2, 3 or 4 begin another field of the same message, 8 ends it. */
const FOLLOWERS: Readonly<Record<number, readonly number[]>> = {
  1: [2, 3],
  2: [3],
  3: [4],
  4: [5],
  5: [6],
  6: [7],
  7: [2, 3, 4, 8],
};

function readMessage(file: Uint8Array, offset: number, fields: Grib2Field[]): number {
  const head = new Octets(file, offset, 16, 'section 0');
  const edition = head.u8(8);
  if (edition !== 2)
    throw new WeatherError({
      tag: 'NotGrib2',
      offset: offset + 7,
      problem: `the message is of GRIB, edition ${edition}.`,
      cure: 'Convert it to edition 2: grib_set -s edition=2, or cnvgrib -g12.',
    });
  const length = head.u32(9) * 2 ** 32 + head.u32(13);
  const end = offset + length;
  if (end > file.length)
    head.fail('TruncatedFile', 9, `the message has ${length} octets, and only ${file.length - offset} are there.`);
  const discipline = head.u8(7);
  const latest = new Map<number, Octets>();
  let bitMap: BitMap = { kind: 'none' };
  let at = offset + 16;
  for (let previous = 0; ; ) {
    const left = new Octets(file, at, Math.max(0, end - at), `the message, with ${length} octets,`);
    const first = left.text(1, 4);
    if (first === '7777' && previous === 7) {
      if (at + 4 !== end)
        left.fail('CorruptFile', 1, `the message ends ${end - at - 4} octets before its length of ${length}.`);
      return end;
    }
    const size = left.u32(1);
    const number = left.u8(5);
    const allowed = previous === 0 ? [1] : FOLLOWERS[previous]!;
    if (!allowed.includes(number))
      left.fail(
        'CorruptFile',
        5,
        `section ${number} follows section ${previous}, where ${allowed.join(', ')} may stand.`,
      );
    if (size < 5 || size > left.length)
      left.fail(
        'CorruptFile',
        1,
        `section ${number} says it has ${size} octets, and ${left.length} are left of its message.`,
      );
    const section = new Octets(file, at, size, `section ${number}`);
    latest.set(number, section);
    if (number === 6) bitMap = readBitMap(section, bitMap);
    if (number === 7) fields.push(fieldOf(offset, discipline, latest, bitMap));
    previous = number;
    at += size;
  }
}

function fieldOf(
  offset: number,
  discipline: number,
  sections: ReadonlyMap<number, Octets>,
  bitMap: BitMap,
): Grib2Field {
  const [identification, grid, product, packing, data] = [1, 3, 4, 5, 7].map((number) => sections.get(number)!) as [
    Octets,
    Octets,
    Octets,
    Octets,
    Octets,
  ];
  return {
    offset,
    discipline,
    reference: referenceTime(identification),
    product: product.u16(8) === 0 ? productOf(product) : undefined,
    grid: () => regularGrid(grid).grid,
    values: () => {
      const { grid: regular, scan } = regularGrid(grid);
      return inRows(unpack(packing, data, bitMap, regular.columns * regular.rows), regular, scan);
    },
  };
}

function referenceTime(section: Octets): string {
  const two = (octet: number) => String(section.u8(octet)).padStart(2, '0');
  const year = String(section.u16(13)).padStart(4, '0');
  return `${year}-${two(15)}-${two(16)}T${two(17)}:${two(18)}:${two(19)}Z`;
}

function productOf(section: Octets): Grib2Product {
  const scale = section.signed(24, 1);
  return {
    category: section.u8(10),
    number: section.u8(11),
    timeUnit: section.u8(18),
    forecast: section.signed(19, 4),
    surface: section.u8(23),
    level: timesPowerOfTen(section.signed(25, 4), 0 - scale),
  };
}

/** A number times 10ⁿ, rounded once as long as |n| is at most 22. */
function timesPowerOfTen(value: number, n: number): number {
  let power = 1;
  for (let k = 0; k < Math.abs(n); k++) power *= 10;
  return n < 0 ? value / power : value * power;
}

const SCAN = { westwards: 0x80, northwards: 0x40, byColumns: 0x20, toAndFro: 0x10, others: 0x0f } as const;

function regularGrid(section: Octets): { grid: RegularGrid; scan: number } {
  const template = section.u16(13);
  if (template !== 0)
    section.fail(
      'NotSupported',
      13,
      `the grid is of template 3.${template}, and only 3.0, latitudes and longitudes, is read.`,
    );
  const points = section.u32(7);
  const [columns, rows] = [section.u32(31), section.u32(35)];
  if (section.u8(11) !== 0 || columns === MISSING || rows === MISSING)
    section.fail('NotSupported', 11, 'the rows of the grid have different numbers of points (a reduced grid).');
  if (columns * rows !== points || points === 0)
    section.fail('CorruptFile', 7, `${columns} columns times ${rows} rows are not ${points} points.`);
  if (points > MOST_POINTS) section.fail('NotSupported', 7, `the grid has ${points} points, more than ${MOST_POINTS}.`);
  const [basic, parts] = [section.u32(39), section.u32(43)];
  const plain = basic === 0 || basic === MISSING || parts === 0 || parts === MISSING;
  const degrees = (value: number) => (plain ? value / 1e6 : (value * basic) / parts);
  const scan = section.u8(72);
  if (scan & SCAN.others) section.fail('NotSupported', 72, `the scanning mode is ${scan}, with rows that are shifted.`);
  const [latitude1, latitude2] = [degrees(section.signed(47, 4)), degrees(section.signed(56, 4))];
  const [longitude1, longitude2] = [degrees(section.signed(51, 4)), degrees(section.signed(60, 4))];
  const [south, north] = scan & SCAN.northwards ? [latitude1, latitude2] : [latitude2, latitude1];
  const [west, east] = scan & SCAN.westwards ? [longitude2, longitude1] : [longitude1, longitude2];
  if (!(Math.abs(north) <= 90 && Math.abs(south) <= 90 && (rows === 1 || north > south)))
    section.fail('CorruptFile', 47, `the grid reaches from latitude ${south} to ${north}.`);
  const around = (angle: number) => angle - 360 * Math.floor(angle / 360);
  return {
    scan,
    grid: {
      columns,
      rows,
      north,
      west: around(west),
      stepLongitude: columns > 1 ? around(east - west) / (columns - 1) : 360,
      stepLatitude: rows > 1 ? (north - south) / (rows - 1) : 180,
    },
  };
}

/** Values in the order of the message, in rows from the north and columns from the west. */
function inRows(values: Float64Array, { columns, rows }: RegularGrid, scan: number): Float64Array {
  if (scan === 0) return values;
  const sorted = new Float64Array(values.length);
  const [lines, along] = scan & SCAN.byColumns ? [columns, rows] : [rows, columns];
  for (let line = 0, from = 0; line < lines; line++)
    for (let step = 0; step < along; step++, from++) {
      const place = scan & SCAN.toAndFro && line % 2 === 1 ? along - 1 - step : step;
      const [i, j] = scan & SCAN.byColumns ? [line, place] : [place, line];
      const column = scan & SCAN.westwards ? columns - 1 - i : i;
      const row = scan & SCAN.northwards ? rows - 1 - j : j;
      sorted[row * columns + column] = values[from]!;
    }
  return sorted;
}
