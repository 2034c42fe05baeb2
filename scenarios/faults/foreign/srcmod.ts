import type { ReferencePoint, SlipInterval, Subfault } from '../../../engine/sources/subfault.ts';
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

interface Segment {
  line: number;
  strike: number;
  dip: number;
  length: number;
  width: number;
  subfaults: number | undefined;
  names: string[];
  readonly rows: ForeignRow[];
}

/** `KEY = number` in a comment of the header. */
const setting = (content: string, key: string): number | undefined => {
  const match = new RegExp(`\\b${key}\\s*=\\s*([-+]?[\\d.]+(?:[eE][-+]?\\d+)?)`).exec(content);
  return match === null ? undefined : Number(match[1]);
};

/**
 * SRCMOD's .fsp (Mai and Thingbaijam 2014, SRL 85; also written by the USGS): one plane or several, with subfaults given by
 * their centre or by the centre of their upper edge, as the file says. RAKE, TRUP (when it breaks) and RISE where there are
 * such columns; else the header's mean rake, and slip at once.
 */
export const srcmod: ForeignFormat = {
  name: 'SRCMOD .fsp',
  mark: 'the title "FINITE-SOURCE RUPTURE MODEL"',
  matches: (text) => /^%.*FINITE-SOURCE (RUPTURE|SLIP) MODEL/m.test(text),
  read(text, list) {
    const lines = numberedLines(text);
    const reference = referencePoint(lines, list);
    const mechanism = lines.find(({ content }) => /^%\s*Mech\s*:/.test(content))?.content ?? '';
    const rake = setting(mechanism, 'RAKE');
    const segments = readSegments(lines, mechanism);
    if (segments.length === 0 || segments.every(({ rows }) => rows.length === 0)) {
      list.add({ line: 0, problem: 'has no subfaults', cure: 'Keep the rows under "% LAT LON X==EW Y==NS Z SLIP".' });
    }
    const meanRake = segments.some(({ names }) => !names.includes('RAKE'));
    if (meanRake && rake === undefined) {
      list.add({
        line: 0,
        column: 'RAKE',
        problem: 'is neither a column nor in the header',
        cure: 'Add it to the line "% Mech :".',
      });
    }
    const subfaults = segments.flatMap((segment, n) =>
      readSegment(segment, n + 1, segments.length > 1, reference, rake ?? 90, list),
    );
    checkRows(
      subfaults,
      segments.flatMap(({ rows }) => rows),
      list,
    );
    const timed = segments.every(({ names }) => names.includes('TRUP') && names.includes('RISE'));
    const notes = [
      ...(meanRake ? [`The rake ${rake} of every subfault is the mean in the file’s header.`] : []),
      timed ? 'Slip grows linearly over RISE from TRUP on.' : 'No times: slip at once.',
    ];
    return { kind: 'earthquake', format: srcmod.name, reference, subfaults, notes };
  },
};

function referencePoint(lines: ReturnType<typeof numberedLines>, list: ProblemList): ReferencePoint {
  const said = lines.find(({ content }) => /Coordinates are given for/i.test(content));
  if (said !== undefined) return /top-?\s*cent(er|re)/i.test(said.content) ? 'top-centre' : 'centroid';
  const cure = 'Keep the comment "Coordinates are given for center of each subfault" (or top-center).';
  list.add({ line: 0, problem: 'does not say which point of a subfault its coordinates belong to', cure });
  return 'centroid';
}

function readSegments(lines: ReturnType<typeof numberedLines>, mechanism: string): Segment[] {
  const spacing = lines.find(({ content }) => /^%\s*Invs\s*:.*\bDx\b/.test(content))?.content ?? '';
  const whole = {
    strike: setting(mechanism, 'STRK') ?? Number.NaN,
    dip: setting(mechanism, 'DIP') ?? Number.NaN,
    length: setting(spacing, 'Dx') ?? Number.NaN,
    width: setting(spacing, 'Dz') ?? Number.NaN,
    subfaults: undefined,
  };
  const segments: Segment[] = [];
  for (const { line, content } of lines) {
    if (/^%\s*SEGMENT\s*#/i.test(content)) {
      const strike = setting(content, 'STRIKE') ?? whole.strike;
      segments.push({ ...whole, strike, dip: setting(content, 'DIP') ?? whole.dip, line, names: [], rows: [] });
      continue;
    }
    const names = /^%\s*LAT\s+LON\s+X==EW/i.test(content) ? content.slice(1).trim().split(/\s+/) : undefined;
    if (names !== undefined && segments.length === 0) segments.push({ ...whole, line, names, rows: [] });
    const segment = segments.at(-1);
    if (segment === undefined) continue;
    if (names !== undefined) segment.names = names;
    else if (content.startsWith('%')) {
      segment.length = setting(content, 'Dx') ?? segment.length;
      segment.width = setting(content, 'Dz') ?? segment.width;
      segment.subfaults = setting(content, 'Nsbfs') ?? segment.subfaults;
    } else if (content.trim() !== '' && segment.names.length > 0) {
      segment.rows.push({ line, cells: splitRow(content) });
    }
  }
  return segments;
}

function readSegment(
  segment: Segment,
  number: number,
  several: boolean,
  reference: ReferencePoint,
  meanRake: number,
  list: ProblemList,
): Subfault[] {
  const { line, strike, dip, length, width, rows } = segment;
  if (segment.subfaults !== undefined && segment.subfaults !== rows.length) {
    const problem = `segment ${number} has ${rows.length} rows, its header says Nsbfs = ${segment.subfaults}`;
    list.add({ line, problem, cure: 'Restore the missing rows, or correct Nsbfs.' });
  }
  for (const [column, value] of Object.entries({ strike, dip, Dx: length, Dz: width })) {
    if (!Number.isFinite(value))
      list.add({ line, column, problem: `is missing for segment ${number}`, cure: 'Add it to the header.' });
  }
  const table = new ColumnTable(segment.names, rows, list);
  return table.rows.map((row, n) => {
    const timed = table.has('TRUP') && table.has('RISE');
    const slip: SlipInterval = {
      start: timed ? table.number(row, 'TRUP', RANGES.start) : 0,
      rise: timed ? table.number(row, 'RISE', RANGES.rise) : 0,
      slip: table.number(row, 'SLIP', RANGES.slip),
    };
    const geometry = {
      longitude: 'LON',
      latitude: 'LAT',
      depth: 'Z',
      length,
      width,
      strike,
      dip,
      rake: table.has('RAKE') ? 'RAKE' : meanRake,
    };
    const name = several ? (rows.length === 1 ? String(number) : `${number}-${n + 1}`) : String(n + 1);
    return readSubfault(table, row, geometry, reference, name, [slip]);
  });
}
