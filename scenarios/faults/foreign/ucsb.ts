import type { Subfault } from '../../../engine/sources/subfault.ts';
import { RANGES } from '../check-subfaults.ts';
import type { ProblemList } from '../problems.ts';
import {
  ColumnTable,
  checkRows,
  type ForeignFormat,
  type ForeignRow,
  numberedLines,
  readSubfault,
  splitRow,
} from './foreign-format.ts';

const SEGMENT =
  /^#\s*Fault_segment\s*=\s*(\d+)\s+nx\(Along-strike\)\s*=\s*(\d+)\s+Dx\s*=\s*([\d.]+)\s*km\s+ny\(downdip\)\s*=\s*(\d+)\s+Dy\s*=\s*([\d.]+)\s*km/i;

/** Names of the columns in the UCSB models and in the USGS files of the same code. Slip is in cm, rigidity in dyn/cm². */
const SYNONYMS: Readonly<Record<string, string>> = {
  'lat.': 'latitude',
  'lon.': 'longitude',
  depth: 'depth',
  'slip(cm)': 'slip',
  slip: 'slip',
  rake: 'rake',
  strike: 'strike',
  dip: 'dip',
  'rupture_initial_time(s)': 'start',
  t_rup: 'start',
  'rise_time_starting(s)': 'rise',
  t_ris: 'rise',
  'rise_time_ending(s)': 'fall',
  t_fal: 'fall',
  'rigidity(dyne/cm2)': 'rigidity',
  mo: 'moment',
};
const NEEDED = ['latitude', 'longitude', 'depth', 'slip', 'rake', 'strike', 'dip'];

interface Segment {
  readonly line: number;
  readonly number: string;
  readonly cells: number;
  readonly length: number;
  readonly width: number;
  names: string[];
  readonly rows: ForeignRow[];
}

/**
 * Finite-fault models of UC Santa Barbara and the USGS (Ji et al. 2002, 2003): segments of equal rectangles, each with its
 * centroid, slip, and an asymmetric cosine of slip rate.
 */
export const ucsb: ForeignFormat = {
  name: 'UCSB / USGS finite-fault subfaults',
  mark: 'the comment "#Fault_segment = … nx(Along-strike) = …"',
  matches: (text) => /^#\s*Fault_segment\s*=.*nx\(Along-strike\)/im.test(text),
  read(text, list) {
    const segments = readSegments(text, list);
    const subfaults = segments.flatMap((segment) => readSegment(segment, segments.length > 1, list));
    checkRows(
      subfaults,
      segments.flatMap(({ rows }) => rows),
      list,
    );
    const notes = [
      'Slip rate is an asymmetric cosine that grows over `rise` and dies away over `fall` (Ji et al. 2003).',
    ];
    return { kind: 'earthquake', format: ucsb.name, reference: 'centroid', subfaults, notes };
  },
};

function readSegments(text: string, list: ProblemList): Segment[] {
  const segments: Segment[] = [];
  for (const { line, content } of numberedLines(text)) {
    if (content.trim() === '') continue;
    const segment = segments.at(-1);
    if (!content.startsWith('#')) {
      // Before its line of names a segment lists the corners of its outline.
      if (segment !== undefined && segment.names.length > 0) segment.rows.push({ line, cells: splitRow(content) });
      continue;
    }
    const begun = SEGMENT.exec(content);
    if (begun !== null) {
      const [, number, nx, dx, ny, dy] = begun as unknown as [string, string, string, string, string, string];
      const cells = Number(nx) * Number(ny);
      segments.push({ line, number, cells, length: Number(dx), width: Number(dy), names: [], rows: [] });
    } else if (/^#\s*Lat\.\s+Lon\.\s+depth/i.test(content) && segment !== undefined) {
      segment.names = content
        .slice(1)
        .trim()
        .split(/\s+/)
        .map((name) => SYNONYMS[name.toLowerCase()] ?? name);
      for (const needed of NEEDED.filter((name) => !segment.names.includes(name))) {
        list.add({ line, column: needed, problem: 'is missing', cure: 'Add the column.' });
      }
    }
  }
  return segments;
}

function readSegment(segment: Segment, several: boolean, list: ProblemList): Subfault[] {
  const { line, number, cells, length, width } = segment;
  if (segment.names.length === 0) {
    const cure = 'Add the comment "#Lat. Lon. depth slip rake strike dip …" above the rows.';
    list.add({ line, problem: `segment ${number} has no line of names`, cure });
    return [];
  }
  if (segment.rows.length !== cells) {
    const problem = `segment ${number} has ${segment.rows.length} subfaults, its header says ${cells}`;
    list.add({ line, problem, cure: 'Restore the missing rows, or correct nx and ny.' });
  }
  const table = new ColumnTable(segment.names, segment.rows, list);
  const geometry = {
    longitude: 'longitude',
    latitude: 'latitude',
    depth: 'depth',
    length,
    width,
    strike: 'strike',
    dip: 'dip',
    rake: 'rake',
  };
  return table.rows.map((row, n) => {
    const time = (name: string): number => (table.has(name) ? table.number(row, name, RANGES.start) : 0);
    const slip = table.number(row, 'slip', { least: -10_000, most: 10_000, unit: 'cm' }) / 100;
    const timed = table.has('start') && table.has('rise') && table.has('fall');
    const interval = timed
      ? { start: time('start'), rise: time('rise'), fall: time('fall'), slip }
      : { start: 0, rise: 0, slip };
    const name = several ? `${number}-${n + 1}` : String(n + 1);
    const subfault = readSubfault(table, row, geometry, 'centroid', name, [interval]);
    if (!table.has('rigidity')) return subfault;
    return { ...subfault, rigidity: table.number(row, 'rigidity', { least: 1e10, most: 1e13, unit: 'dyn/cm²' }) / 10 };
  });
}
