import type { ReferencePoint, SlipInterval, Subfault } from '../../../engine/sources/subfault.ts';
import { RANGES } from '../check-subfaults.ts';
import type { ProblemList } from '../problems.ts';
import {
  type ColumnTable,
  checkRows,
  columnTable,
  type ForeignFormat,
  type ForeignRow,
  type ForeignTable,
  type GeometryColumns,
  hasNames,
  readSubfault,
} from './foreign-format.ts';

/** A table from one paper, or one school of papers: its columns, and the geometry that stands in the paper alone. */
interface PaperTable {
  readonly name: string;
  readonly names: readonly string[];
  readonly reference: ReferencePoint;
  readonly kind?: 'earthquake' | 'catalogue';
  readonly notes: readonly string[];
  subfault(table: ColumnTable, row: ForeignRow, number: number): Subfault;
}

const atOnce = (slip: number): SlipInterval[] => [{ start: 0, rise: 0, slip }];
const slipOf = (table: ColumnTable, row: ForeignRow, column = 'slip'): number => table.number(row, column, RANGES.slip);

/**
 * Satake et al. (2013, BSSA 103, 1473–1492): 11 subfaults along strike (A … K) in 5 rows down dip (0 … 4). The file
 * gives the corner where the upper edge begins, the time at which the front (2 km/s) arrives [min], and slip in five windows
 * of 30 s. Size, dip and depth belong to the row and stand in the paper.
 */
const SATAKE_ROWS = [
  { width: 25, dip: 8, depth: 0 },
  { width: 25, dip: 8, depth: 3.5 },
  { width: 50, dip: 10, depth: 7 },
  { width: 50, dip: 12, depth: 15.6 },
  { width: 50, dip: 16, depth: 26 },
] as const;
const SATAKE_WINDOWS = ['s1', 's2', 's3', 's4', 's5'] as const;
const SATAKE_WINDOW_SECONDS = 30;

const satake2013: PaperTable = {
  name: 'slip windows of Satake et al. (2013)',
  names: ['name', 'lat', 'lon', 'timeRise', ...SATAKE_WINDOWS, 'total'],
  reference: 'top-left',
  notes: [
    'Length 50 km, strike 193, rake 81, and each row’s width, dip and depth are from the paper, not from the file.',
    'The column timeRise is when the rupture front arrives [min]; slip then grows in five windows of 30 s each.',
  ],
  subfault(table, row) {
    const name = table.text(row, 'name');
    const place = SATAKE_ROWS[Number(name[0])];
    if (place === undefined || !/^[0-4][A-K]$/.test(name)) {
      const cure = 'Name subfaults 0A to 4K: the row down dip, then the place along strike.';
      table.list.add({ line: row.line, column: 'name', value: name, problem: 'is no subfault of this model', cure });
    }
    const begin = 60 * table.number(row, 'timeRise', { least: 0, most: 60, unit: 'min' });
    const slips = SATAKE_WINDOWS.map((window) => slipOf(table, row, window));
    const total = slipOf(table, row, 'total');
    const sum = slips.reduce((a, b) => a + b, 0);
    if (Math.abs(sum - total) > 0.015) {
      const problem = `is not the sum of ${SATAKE_WINDOWS.join(', ')}, which is ${sum.toFixed(2)}`;
      table.list.add({ line: row.line, column: 'total', value: String(total), problem, cure: 'Correct one of them.' });
    }
    const slip = slips.map((metres, window) => ({
      start: begin + SATAKE_WINDOW_SECONDS * window,
      rise: SATAKE_WINDOW_SECONDS,
      slip: metres,
    }));
    const geometry = {
      ...(place ?? SATAKE_ROWS[0]),
      longitude: 'lon',
      latitude: 'lat',
      length: 50,
      strike: 193,
      rake: 81,
    };
    return readSubfault(table, row, geometry, 'top-left', name, slip);
  },
};

/** Yamazaki, Cheung and Lay (2018, JGR 123, 1435–1458), data set S2. dR grows by 40 km · sin δ a row: upper edges. */
const yamazaki2018: PaperTable = {
  name: 'kinematic subfaults of Yamazaki et al. (2018)',
  names: ['No', 'Tinit', 'Trise', 'D0', 'lonR', 'latR', 'dR', 'L', 'W', 'strike', 'dip', 'rake'],
  reference: 'top-left',
  notes: [
    'lonR, latR and dR are taken as the beginning of the upper edge (the north-east corner); slip grows linearly over Trise.',
  ],
  subfault(table, row) {
    const slip = [
      {
        start: table.number(row, 'Tinit', RANGES.start),
        rise: table.number(row, 'Trise', RANGES.rise),
        slip: slipOf(table, row, 'D0'),
      },
    ];
    const geometry = {
      longitude: 'lonR',
      latitude: 'latR',
      depth: 'dR',
      length: 'L',
      width: 'W',
      strike: 'strike',
      dip: 'dip',
      rake: 'rake',
    };
    return readSubfault(table, row, geometry, 'top-left', table.text(row, 'No'), slip);
  },
};

/** Fujii and Satake (2013, PAGEOPH 170, 1493–1509), table 1: south latitudes and west longitudes without their sign. */
const fujiiSatake2013: PaperTable = {
  name: 'Maule table of Fujii and Satake (2013)',
  names: ['latS', 'lonW', 'depth', 'slip'],
  reference: 'top-left',
  notes: [
    'Length 50 km, width 50 km, strike 16, dip 14 and rake 104 are from the paper, not from the file. No times: slip at once.',
  ],
  subfault(table, row, number) {
    const read = readSubfault(
      table,
      row,
      { longitude: 'lonW', latitude: 'latS', depth: 'depth', length: 50, width: 50, strike: 16, dip: 14, rake: 104 },
      'top-left',
      String(number),
      atOnce(slipOf(table, row)),
    );
    return { ...read, longitude: -read.longitude, latitude: -read.latitude };
  },
};

/** Fujii and Satake (2007, BSSA 97, S192–S207), joint inversion at 1 km/s. */
const fujiiSatake2007: PaperTable = {
  name: 'Sumatra table of Fujii and Satake (2007)',
  names: ['No', 'strike', 'dip', 'rake', 'lat', 'lon', 'depth', 'slip'],
  reference: 'top-left',
  notes: [
    'Length 100 km and width 100 km are from the paper, not from the file.',
    'The slip was inverted with a front at 1 km/s from the epicentre and a rise of 3 min, which the file does not list.',
  ],
  subfault(table, row) {
    const geometry: GeometryColumns = {
      longitude: 'lon',
      latitude: 'lat',
      depth: 'depth',
      length: 100,
      width: 100,
      strike: 'strike',
      dip: 'dip',
      rake: 'rake',
    };
    return readSubfault(table, row, geometry, 'top-left', table.text(row, 'No'), atOnce(slipOf(table, row)));
  },
};

/** Williamson, Newman and Cummins (2017, JGR 122, 2119–2130), supporting table: centroids on a curved interface. */
const williamson2017: PaperTable = {
  name: 'Illapel table of Williamson et al. (2017)',
  names: ['rowname', 'lat', 'lon', 'depth', 'dip', 'strike', 'rake', 'slip'],
  reference: 'centroid',
  notes: [
    'Length 25 km and width 25 km are not in the file; the centroids lie 21 to 31 km apart. No times: slip at once.',
  ],
  subfault(table, row) {
    const geometry: GeometryColumns = {
      longitude: 'lon',
      latitude: 'lat',
      depth: 'depth',
      length: 25,
      width: 25,
      strike: 'strike',
      dip: 'dip',
      rake: 'rake',
    };
    return readSubfault(table, row, geometry, 'centroid', table.text(row, 'rowname'), atOnce(slipOf(table, row)));
  },
};

/** The summary that scripts of GeoscienceAustralia/ptha write: centroids, km, m. */
const centroids: PaperTable = {
  name: 'centroid summary (ptha)',
  names: ['lon_c', 'lat_c', 'depth_c', 'length', 'width', 'slip', 'strike', 'dip', 'rake'],
  reference: 'centroid',
  notes: ['No times: slip at once.'],
  subfault(table, row, number) {
    const geometry: GeometryColumns = {
      longitude: 'lon_c',
      latitude: 'lat_c',
      depth: 'depth_c',
      length: 'length',
      width: 'width',
      strike: 'strike',
      dip: 'dip',
      rake: 'rake',
    };
    return readSubfault(table, row, geometry, 'centroid', String(number), atOnce(slipOf(table, row)));
  },
};

/** The same summary with ptha's other spelling and order. */
const centroidsToo: PaperTable = {
  ...centroids,
  names: ['lonc', 'latc', 'depthc', 'length', 'width', 'strike', 'dip', 'rake', 'slip'],
  subfault(table, row, number) {
    const geometry: GeometryColumns = {
      longitude: 'lonc',
      latitude: 'latc',
      depth: 'depthc',
      length: 'length',
      width: 'width',
      strike: 'strike',
      dip: 'dip',
      rake: 'rake',
    };
    return readSubfault(table, row, geometry, 'centroid', String(number), atOnce(slipOf(table, row)));
  },
};

/** GeoClaw's CSV of SIFT unit sources with slips: longitude and latitude of the bottom centre, depth of the upper edge. */
const siftSelection: PaperTable = {
  name: 'SIFT unit sources with slip (GeoClaw)',
  names: ['Longitude', 'Latitude', 'Depth(km)', 'Length', 'Width', 'Strike', 'Dip', 'Rake', 'Slip', 'UnitSrc'],
  reference: 'sift',
  notes: ['No times: slip at once.'],
  subfault(table, row) {
    const geometry: GeometryColumns = {
      longitude: 'Longitude',
      latitude: 'Latitude',
      depth: 'Depth(km)',
      length: 'Length',
      width: 'Width',
      strike: 'Strike',
      dip: 'Dip',
      rake: 'Rake',
    };
    return readSubfault(table, row, geometry, 'sift', table.text(row, 'UnitSrc'), atOnce(slipOf(table, row, 'Slip')));
  },
};

function formatOf(paper: PaperTable): ForeignFormat {
  return {
    name: paper.name,
    mark: `a line of names: ${paper.names.join(', ')}`,
    matches: (text) => hasNames(text, paper.names),
    read(text: string, list: ProblemList): ForeignTable {
      const table = columnTable(text, list);
      const subfaults = table.rows.map((row, n) => paper.subfault(table, row, n + 1));
      checkRows(subfaults, table.rows, list);
      const { reference, notes, name: format } = paper;
      return { kind: paper.kind ?? 'earthquake', format, reference, notes, subfaults };
    },
  };
}

export const PAPER_FORMATS: readonly ForeignFormat[] = [
  satake2013,
  yamazaki2018,
  fujiiSatake2013,
  fujiiSatake2007,
  williamson2017,
  centroids,
  centroidsToo,
  siftSelection,
].map(formatOf);
