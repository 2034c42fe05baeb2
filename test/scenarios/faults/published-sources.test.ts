import { readdirSync, readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { momentMagnitude, seismicMoment } from '../../../engine/sources/moment.ts';
import { ruptureSpan, totalSlip } from '../../../engine/sources/rupture.ts';
import { placeSubfault } from '../../../engine/sources/subfault.ts';
import { convertSource } from '../../../scenarios/faults/convert-source.ts';
import { PUBLISHED_SOURCES } from '../../../scenarios/faults/published-sources.ts';
import { readSourceFile, sourceText } from '../../../scenarios/faults/read-source-file.ts';
import { readSourceTable } from '../../../scenarios/faults/read-source-table.ts';
import type { FaultTable } from '../../../scenarios/faults/source-table.ts';
import { writeSourceTable } from '../../../scenarios/faults/write-source-table.ts';

const SHIPPED = new URL('../../../scenarios/data/sources/', import.meta.url);
const PUBLISHED = new URL('./published/', import.meta.url);

const shipped = (table: string): string => readFileSync(new URL(`${table}.csv`, SHIPPED), 'utf8');

function published(file: string): string {
  const name = readdirSync(PUBLISHED).find((candidate) => candidate.replace(/\.gz$/, '') === file)!;
  return sourceText(readFileSync(new URL(name, PUBLISHED)));
}

function faults(name: string): FaultTable {
  const table = readSourceTable(shipped(name), `${name}.csv`);
  if (table.kind === 'surface') throw new Error(`${name} is a surface`);
  return table;
}

describe('the shipped tables', () => {
  test.each(PUBLISHED_SOURCES.map((source) => [source.table, source] as const))(
    '%s is what the converter makes of the published file, and reads back to the same text',
    (table, source) => {
      expect(writeSourceTable(convertSource(published(source.file), source))).toBe(shipped(table));
      expect(writeSourceTable(readSourceTable(shipped(table), table))).toBe(shipped(table));
    },
  );

  test('are all of them, each with its paper and licence', () => {
    const tables = readdirSync(SHIPPED).filter((name) => name.endsWith('.csv'));
    expect(tables.sort()).toEqual(PUBLISHED_SOURCES.map(({ table }) => `${table}.csv`).sort());
    const attribution = readFileSync(new URL('ATTRIBUTION.md', SHIPPED), 'utf8');
    for (const { table } of PUBLISHED_SOURCES) expect(attribution).toContain(`| ${table} |`);
  });

  // Number of subfaults, seismic moment [N m] as in the table of scenarios/data/sources/README.md.
  test.each([
    ['tohoku2011-satake', 55, 4.17e22],
    ['tohoku2011-yamazaki', 60, 4.64e22],
    ['tohoku2011-ucsb3', 190, 5.75e22],
    ['chile2010-fujii-satake', 36, 1.69e22],
    ['chile2010-lorito', 200, 2.0e22],
    ['chile2010-lorito-srcmod', 200, 2.0e22],
    ['chile2015-williamson', 152, 2.6e21],
    ['sumatra2004-fujii-satake', 22, 6.0e22],
    ['alaska1964-sift', 12, 7.08e22],
  ] as const)('%s: slip × area × rigidity gives the stated magnitude', (name, count, moment) => {
    const table = faults(name);
    expect(table.subfaults.length).toBe(count);
    const itsMoment = seismicMoment(table.subfaults, table.rigidity);
    expect(itsMoment / moment).toBeCloseTo(1, 2);
    expect(Math.abs(momentMagnitude(itsMoment) - table.magnitude!)).toBeLessThan(0.1);
  });
});

describe('what the tables say', () => {
  test('Satake 2013: slip windows of 30 s behind the front, 69 m at most, on subfaults that join down dip', () => {
    const { subfaults } = faults('tohoku2011-satake');
    const named = new Map(subfaults.map((subfault) => [subfault.name, subfault]));
    const { slip, dip, width, depth } = named.get('0F')!;
    expect(slip.map(({ start }) => start)).toEqual([37.5, 67.5, 97.5, 127.5, 157.5]);
    expect(slip.every(({ rise }) => rise === 30)).toBe(true);
    expect([dip, width, depth]).toEqual([8, 25e3, 0]);
    expect(Math.max(...subfaults.map(totalSlip))).toBeCloseTo(69.14, 9);
    expect(ruptureSpan(subfaults)).toEqual([0, 284.52]);
    for (const column of 'ABCDEFGHIJK') {
      for (let row = 0; row < 4; row++) {
        const [upper, lower] = [
          placeSubfault(named.get(`${row}${column}`)!),
          placeSubfault(named.get(`${row + 1}${column}`)!),
        ];
        expect(Math.abs(upper.fault.depth - lower.fault.topDepth)).toBeLessThan(150);
      }
    }
  });

  test('UCSB model III: slip and rigidity in SI, rise and fall of the asymmetric cosine', () => {
    const third = faults('tohoku2011-ucsb3').subfaults[2]!;
    expect(third.slip).toEqual([{ start: 115.73334, rise: 9.6, fall: 1.6, slip: 5.8912982 }]);
    expect(third.rigidity).toBeCloseTo(33.171e9, 0);
    expect(third.length).toBe(25e3);
  });

  test('Fujii and Satake 2013: south and west are negative', () => {
    const [first] = faults('chile2010-fujii-satake').subfaults;
    expect([first!.longitude, first!.latitude]).toEqual([-74.7, -38]);
  });

  test('Lorito 2011: the paper’s CSV and SRCMOD’s file put the same slip at the same centroids', () => {
    const paper = faults('chile2010-lorito').subfaults;
    const srcmod = faults('chile2010-lorito-srcmod').subfaults;
    paper.forEach((subfault, n) => {
      const [a, b] = [placeSubfault(subfault), placeSubfault(srcmod[n]!)];
      expect(totalSlip(srcmod[n]!)).toBe(totalSlip(subfault));
      expect(Math.hypot(...a.centroid.map((value, c) => value - b.centroid[c]!)) * 6.371e6).toBeLessThan(50);
      expect(Math.abs(a.centroidDepth - b.centroidDepth)).toBeLessThan(1);
    });
  });

  test('Fujii and Satake 2007: the front takes 1 s for each km from the epicentre, and slip 3 min', () => {
    const { subfaults } = faults('sumatra2004-fujii-satake');
    // Start times that ptha's script gives from an epicentre 22 km farther west: 42 s for subfault 4, 669 s for 15.
    expect(subfaults[3]!.slip[0]!.start).toBeGreaterThan(20);
    expect(subfaults[3]!.slip[0]!.start).toBeLessThan(64);
    expect(Math.abs(subfaults[14]!.slip[0]!.start - 669.6)).toBeLessThan(22);
    expect(subfaults.every(({ slip }) => slip[0]!.rise === 180)).toBe(true);
  });

  test('SIFT: the lower row of a pair begins where the upper ends', () => {
    const { subfaults, kind } = faults('sift-unit-sources');
    expect(kind).toBe('catalogue');
    expect(subfaults.length).toBe(1997);
    const named = new Map(subfaults.map((subfault) => [subfault.name, subfault]));
    const [lower, upper] = [placeSubfault(named.get('acsza1')!), placeSubfault(named.get('acszb1')!)];
    expect(Math.abs(lower.fault.topDepth - upper.fault.depth)).toBeLessThan(20);
    expect(named.get('nvsza26')!.strike).toBeCloseTo(5.62, 9);
  });

  test('Ho 2019: 108 humps of a quarter degree, the largest 5.5 m', () => {
    const table = readSourceTable(shipped('chile1960-ho'), 'chile1960-ho.csv');
    if (table.kind !== 'surface') throw new Error('chile1960-ho must be a surface');
    expect(table.humps.length).toBe(108);
    expect(table.humps.every(({ standardDeviation, unit }) => standardDeviation === 0.25 && unit === 'degrees')).toBe(
      true,
    );
    expect(Math.max(...table.humps.map(({ amplitude }) => amplitude))).toBe(5.5);
  });
});

test('any known file can be read as it is, packed or not, with what the file does not say added by its name', () => {
  const raw = readSourceFile(
    readFileSync(new URL('tohoku2011_UCSB3.txt.gz', PUBLISHED)),
    '/somewhere/tohoku2011_UCSB3.txt.gz',
  );
  expect(raw.kind === 'earthquake' && raw.magnitude).toBe(9.1);
  const own = readSourceFile(readFileSync(new URL('chile1960-ho.csv', SHIPPED)), 'chile1960-ho.csv');
  expect(own.kind).toBe('surface');
});
