import { describe, expect, test } from 'vitest';
import { FaultTableError, type TableProblem } from '../../../scenarios/faults/problems.ts';
import { readFaultTable, readSurfaceTable } from '../../../scenarios/faults/read-source-table.ts';

const HEADER = [
  '# terrella-faults 1',
  '# title: Two subfaults',
  '# citation: made for this test',
  '# licence: none needed',
  '# kind: earthquake',
  '# reference point: top-left',
  'subfault,longitude [degrees_east],latitude [degrees_north],depth [km],length [km],width [km],strike [degrees],dip [degrees],rake [degrees],start [s],rise [s],slip [m]',
];
const ROWS = [
  '1,143,38,0,50,25,193,8,81,0,30,2',
  '1,143,38,0,50,25,193,8,81,30,30,1.5',
  '2,143.1,38.4,5,50,25,193,10,81,20,30,4',
];

const table = (header: readonly string[], rows: readonly string[]): string => [...header, ...rows].join('\n');

function problemsOf(act: () => unknown): readonly TableProblem[] {
  try {
    act();
  } catch (error) {
    if (error instanceof FaultTableError) return error.problems;
    throw error;
  }
  return [];
}

describe('reading a table of faults', () => {
  test('gathers rows of one name into one subfault, in SI', () => {
    const { subfaults, reference, kind } = readFaultTable(table(HEADER, ROWS), 'two.csv');
    expect([reference, kind, subfaults.length]).toEqual(['top-left', 'earthquake', 2]);
    expect(subfaults[0]!.slip).toEqual([
      { start: 0, rise: 30, slip: 2 },
      { start: 30, rise: 30, slip: 1.5 },
    ]);
    expect([subfaults[1]!.depth, subfaults[1]!.length, subfaults[1]!.width]).toEqual([5e3, 50e3, 25e3]);
  });

  test('columns may come in any order, lines end in any way', () => {
    const turned = table(HEADER, ROWS)
      .split('\n')
      .map((line) => (line.startsWith('#') ? line : line.split(',').reverse().join(',')))
      .join('\r\n');
    expect(readFaultTable(`\uFEFF${turned}\r\n`, 'two.csv')).toEqual(readFaultTable(table(HEADER, ROWS), 'two.csv'));
  });

  test('lists every problem with its line, column, value and cure', () => {
    const header = [
      '# terrella-faults 1',
      '# title: Two subfaults',
      '# citatoin: misspelt',
      '# licence: none needed',
      '# kind: quake',
      HEADER[6]!.replace('rake [degrees]', 'rake [deg]'),
    ];
    const rows = ['1,143,98,0,50,25,193,8,81,0,30,2', '1,144,38,0,50 km,25,193,8,81,30,30,', '2,143.1,38.4,5,50'];
    const problems = problemsOf(() => readFaultTable(table(header, rows), 'two.csv'));
    const found = problems.map(({ line, column, value }) => [line, column, value]);
    expect(found).toContainEqual([3, 'citatoin', undefined]);
    expect(found).toContainEqual([0, 'citation', undefined]);
    expect(found).toContainEqual([5, 'kind', 'quake']);
    expect(found).toContainEqual([0, 'reference point', undefined]);
    expect(found).toContainEqual([6, 'rake [deg]', undefined]);
    expect(found).toContainEqual([6, 'rake [degrees]', undefined]);
    expect(found).toContainEqual([9, undefined, undefined]);
    expect(problems.find(({ line }) => line === 3)!.cure).toBe('Did you mean "citation"?');
    expect(problems.every(({ cure }) => cure.length > 0)).toBe(true);
  });

  test('lists what is wrong in the rows: ranges, units, empty cells, and geometry that disagrees', () => {
    const rows = [
      '1,143,98,0,50,25,193,8,81,0,30,2',
      '1,144,38,0,50 km,25,193,8,81,30,30,',
      '2,143.1,38.4,5,50,25,193,100,81,20,30,4',
    ];
    let message = '';
    try {
      readFaultTable(table(HEADER, rows), 'two.csv');
    } catch (error) {
      message = (error as Error).message;
    }
    expect(message).toContain('two.csv:8 latitude [degrees_north]: "98" lies outside from -90 to 90 degrees.');
    expect(message).toContain('two.csv:9 slip [m]: "" is empty. Write a decimal number in m');
    expect(message).toContain(
      'two.csv:9 longitude [degrees_east]: "144" differs from 143 in line 8, the same subfault 1.',
    );
    expect(message).toContain('two.csv:9 length [km]: "50 km" differs from 50 in line 8');
    expect(message).toContain('two.csv:10 dip [degrees]: "100" lies outside from 0 to 90 degrees.');
    expect(message).toMatch(/^FaultTableError: [5-9] problems in two\.csv/);
  });

  test('says when an upper edge would stand out of the ground', () => {
    const header = HEADER.map((line) => line.replace('top-left', 'centroid'));
    const [problem] = problemsOf(() => readFaultTable(table(header, ['7,143,38,1,50,25,193,30,81,0,30,2']), 'two.csv'));
    expect(problem).toMatchObject({ line: 8, column: 'depth' });
    expect(problem!.problem).toMatch(/upper edge of subfault 7 lies 5250 m above the surface/);
  });

  test('does not take another kind of file for its own', () => {
    const [problem] = problemsOf(() => readFaultTable('a,b\n1,2\n', 'other.csv'));
    expect(problem).toMatchObject({ line: 1, value: 'a,b' });
  });
});

describe('reading a table of humps', () => {
  const lines = [
    '# terrella-surface 1',
    '# title: One hump',
    '# citation: made for this test',
    '# licence: none needed',
    'longitude [degrees_east],latitude [degrees_north],amplitude [m],standard deviation [m]',
    '10,20,2,50000',
  ];

  test('takes the width in metres or in degrees, by the column', () => {
    expect(readSurfaceTable(lines.join('\n'), 'hump.csv').humps).toEqual([
      { longitude: 10, latitude: 20, amplitude: 2, standardDeviation: 50_000, unit: 'metres' },
    ]);
    const degrees = lines.join('\n').replace('deviation [m]', 'deviation [degrees]').replace('50000', '0.25');
    expect(readSurfaceTable(degrees, 'hump.csv').humps[0]).toMatchObject({ standardDeviation: 0.25, unit: 'degrees' });
  });

  test('wants one width, not none', () => {
    const without = lines.map((line) => line.replace(/,standard.*|,50000/, '')).join('\n');
    expect(problemsOf(() => readSurfaceTable(without, 'hump.csv'))[0]!.cure).toMatch(/exactly one of the columns/);
  });
});
