import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { FOREIGN_FORMATS, readForeignFaultTable } from '../../../scenarios/faults/foreign/read-foreign.ts';
import { sourceText } from '../../../scenarios/faults/read-source-file.ts';

const PUBLISHED = new URL('./published/', import.meta.url);
const names = readdirSync(PUBLISHED).filter((name) => !name.endsWith('.md'));
const text = (name: string): string => sourceText(readFileSync(new URL(name, PUBLISHED)));

const message = (act: () => unknown): string => {
  try {
    act();
  } catch (error) {
    return (error as Error).message;
  }
  return '';
};

describe('finding out which form of table a file is', () => {
  test.each(names)('%s is exactly one of the known forms', (name) => {
    expect(FOREIGN_FORMATS.filter((format) => format.matches(text(name))).length).toBe(1);
  });

  test('an unknown file is told which forms there are; a packed one, to unpack it', () => {
    const unknown = message(() => readForeignFaultTable('x,y,z\n1,2,3\n', 'odd.csv'));
    for (const { name } of FOREIGN_FORMATS) expect(unknown).toContain(name);
    expect(message(() => readForeignFaultTable('\u001f\u008b\u0008', 'odd.gz'))).toContain('Unpack it first');
  });
});

describe('mistakes in foreign files are named with line, column, value and cure', () => {
  const spoil = (name: string, from: string | RegExp, to: string): string => {
    const original = text(name);
    const spoilt = original.replace(from, to);
    expect(spoilt).not.toBe(original);
    return message(() => readForeignFaultTable(spoilt, name));
  };

  test('Satake: a total that is no sum, a subfault that does not exist', () => {
    expect(spoil('tohoku2011_Satake2013.csv', '10.7\n', '11.7\n')).toMatch(
      /csv:2 total: "11.7" is not the sum of s1, .*10\.70/,
    );
    expect(spoil('tohoku2011_Satake2013.csv', '\n0B,', '\n5B,')).toMatch(/csv:3 name: "5B" is no subfault/);
  });

  test('Yamazaki: a word for a number, a value too few', () => {
    expect(spoil('tohoku2011_Yamazaki2018.txt', '143.97364', 'NE3.97364')).toMatch(
      /txt:\d+ lonR: "NE3\.97364" is not a number\. Write a decimal number in degrees/,
    );
    expect(spoil('tohoku2011_Yamazaki2018.txt', / {2}97\.98/, '')).toMatch(/txt:2: has 11 values for the 12 columns/);
  });

  test('UCSB: a row lost, a column lost', () => {
    expect(spoil('tohoku2011_UCSB3.txt.gz', /\n[^\n]*\n$/, '\n')).toMatch(
      /segment 1 has 189 subfaults, its header says 190/,
    );
    expect(spoil('tohoku2011_UCSB3.txt.gz', ' rake ', ' rakee ')).toMatch(/txt.gz:\d+ rake: is missing/);
  });

  test('SRCMOD: a row lost, no word on the reference point', () => {
    expect(spoil('s2010MAULEC02LORI.fsp.gz', /\n {2}-38\.9021 .*/, '')).toMatch(
      /segment 1 has 0 rows, its header says Nsbfs = 1/,
    );
    expect(spoil('s2010MAULEC02LORI.fsp.gz', /Coordinates are given for/, 'Co-ordinates of')).toMatch(
      /does not say which point/,
    );
  });

  test('Ho: the width of the humps gone', () => {
    expect(spoil('chile1960_Ho2019_si.txt', "σ=15'", '')).toMatch(/σ: is missing/);
  });

  test('SIFT: a depth in metres', () => {
    expect(spoil('pmel_sift_unit_sources_info_sz.txt.gz', '19.61', '19610')).toMatch(
      /:3 Depth\(km\): "19610" lies outside from 0 to 700 km. Check the value and that it is in km/,
    );
  });
});

describe('forms that no published file of ours shows', () => {
  test('SRCMOD with one plane, rakes, and times: the form that the USGS writes', () => {
    const fsp = [
      '% ----------------------------------  FINITE-SOURCE RUPTURE MODEL  --------------------------------',
      '% Mech : STRK =  193  DIP =  10  RAKE = 80  Htop = 3.00 km',
      '% Invs : Dx  =  20.00 km  Dz = 15.00 km',
      "% Coordinates are given for center of each subfault or segment: |'|",
      '% LAT LON X==EW Y==NS Z SLIP RAKE TRUP RISE SF_MOMENT',
      '38.1 143.2 0 0 12.5 3.25 77 14.5 6 1.0e20',
      '38.3 143.3 9 22 12.5 1 81 22 8 3.0e19',
    ].join('\n');
    const table = readForeignFaultTable(fsp, 'usgs.fsp');
    if (table.kind === 'surface') throw new Error('faults expected');
    expect(table.reference).toBe('centroid');
    expect(table.subfaults[0]).toMatchObject({
      longitude: 143.2,
      latitude: 38.1,
      depth: 12_500,
      length: 20_000,
      width: 15_000,
      strike: 193,
      dip: 10,
      rake: 77,
      slip: [{ start: 14.5, rise: 6, slip: 3.25 }],
    });
  });

  test('the USGS .param of the UCSB code: two segments, short column names', () => {
    const segment = (number: number, strike: number): string[] => [
      `#Fault_segment =   ${number} nx(Along-strike)=  2 Dx= 10.00 km ny(downdip)=  1 Dy=  8.00 km`,
      '#Boundary of Fault_segment     1',
      '#Lon.  Lat.  Depth',
      '0 0 1',
      '#Lat. Lon. depth slip rake strike dip t_rup t_ris t_fal mo',
      `-20 -70 9 120 95 ${strike} 15 3 4 5 1e19`,
      `-20.1 -70 9 80 95 ${strike} 15 4 4 5 1e19`,
    ];
    const table = readForeignFaultTable(
      ['#Total number of fault_segments= 2', ...segment(1, 350), ...segment(2, -5)].join('\n'),
      'x.param',
    );
    if (table.kind === 'surface') throw new Error('faults expected');
    expect(table.subfaults.map(({ name, strike }) => [name, strike])).toEqual([
      ['1-1', 350],
      ['1-2', 350],
      ['2-1', 355],
      ['2-2', 355],
    ]);
    expect(table.subfaults[0]!.slip).toEqual([{ start: 3, rise: 4, fall: 5, slip: 1.2 }]);
  });

  test('ptha’s rupture_summary.csv', () => {
    const csv =
      '"lonc","latc","depthc","length","width","strike","dip","rake","slip"\n285.1,-30.2,20,25,25,10,15,90,3\n';
    const table = readForeignFaultTable(csv, 'rupture_summary.csv');
    expect(table.kind === 'earthquake' && table.subfaults[0]).toMatchObject({
      longitude: 285.1,
      depth: 20e3,
      reference: 'centroid',
    });
  });
});
