import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { WeatherError } from '../../../scenarios/weather/errors.ts';
import { type Grib2Field, readGrib2 } from '../../../scenarios/weather/grib2.ts';
import { readWeather } from '../../../scenarios/weather/read-weather.ts';
import { LIBRARY } from '../library.ts';

const FILE = new Uint8Array(readFileSync(`${LIBRARY}/data/air/gfs-2011-01-15-500hpa.grib2`));

const number = (value: number, octets: number): number[] =>
  Array.from({ length: octets }, (_, k) => Math.floor(Math.abs(value) / 256 ** (octets - 1 - k)) % 256).map(
    (octet, k) => (k === 0 && value < 0 ? octet | 0x80 : octet),
  );
const section = (which: number, ...body: readonly (readonly number[])[]): number[] => {
  const rest = body.flat();
  return [...number(rest.length + 5, 4), which, ...rest];
};
const bits = (...numbers: readonly (readonly [value: number, width: number])[]): number[] => {
  const text = numbers.map(([value, width]) => (width === 0 ? '' : value.toString(2).padStart(width, '0'))).join('');
  return (text.match(/.{1,8}/g) ?? []).map((octet) => Number.parseInt(octet.padEnd(8, '0'), 2));
};
const float = (value: number): number[] => {
  const view = new DataView(new ArrayBuffer(4));
  view.setFloat32(0, value);
  return [0, 1, 2, 3].map((k) => view.getUint8(k));
};

const TIME = section(1, number(7, 2), [0, 0, 2, 0, 1], number(2011, 2), [1, 10, 12, 0, 0, 0, 1]);
/** Three columns from 0° and two rows, 10° apart, from 20° N, unless scanned otherwise. */
const gridOf = (scan = 0, points = 6, [first, last] = [20, 10], [west, east] = [0, 20]): number[] =>
  section(
    3,
    [0],
    number(points, 4),
    [0, 0, 0, 0, 6],
    new Array(15).fill(0),
    number(3, 4),
    number(2, 4),
    number(0, 4),
    number(0xffffffff, 4),
    number(first * 1e6, 4),
    number(west * 1e6, 4),
    [48],
    number(last * 1e6, 4),
    number(east * 1e6, 4),
    number(10e6, 4),
    number(10e6, 4),
    [scan],
  );
const productOf = (category = 3, what = 5, hPa = 500): number[] =>
  section(
    4,
    number(0, 2),
    number(0, 2),
    [category, what, 2, 0, 96],
    number(0, 3),
    [1],
    number(120, 4),
    [100, 0],
    number(hPa * 100, 4),
    [255, 0],
    number(0, 4),
  );
const NO_MAP = section(6, [255]);
const message = (...sections: readonly (readonly number[])[]): Uint8Array => {
  const body = sections.flat();
  const head = [...'GRIB'].map((letter) => letter.charCodeAt(0));
  return new Uint8Array([...head, 255, 255, 0, 2, ...number(body.length + 20, 8), ...body, 55, 55, 55, 55]);
};
/** Values 100 + (0 … 5) / 10 in 4 bits each. */
const SIMPLE = section(5, number(6, 4), number(0, 2), float(1000), number(0, 2), number(1, 2), [4, 0]);
const SIX = section(7, bits([0, 4], [1, 4], [2, 4], [3, 4], [4, 4], [5, 4]));

const only = (file: Uint8Array): Grib2Field => {
  const fields = readGrib2(file);
  expect(fields.length).toBe(1);
  return fields[0]!;
};
const errorOf = (act: () => unknown): WeatherError => {
  try {
    act();
  } catch (error) {
    if (error instanceof WeatherError) return error;
    throw error;
  }
  throw new Error('nothing was thrown');
};

describe('GRIB2: the weather that ships', () => {
  it('has height and wind at 500 hPa, the wind as two fields of one message, packed with second differences', () => {
    const fields = readGrib2(FILE);
    expect(fields.map(({ offset, discipline, reference }) => ({ offset, discipline, reference }))).toEqual([
      { offset: 0, discipline: 0, reference: '2011-01-10T12:00:00Z' },
      { offset: 16261, discipline: 0, reference: '2011-01-10T12:00:00Z' },
      { offset: 16261, discipline: 0, reference: '2011-01-10T12:00:00Z' },
    ]);
    expect(fields.map(({ product }) => product)).toEqual(
      [
        [3, 5],
        [2, 2],
        [2, 3],
      ].map(([category, what]) => ({
        category,
        number: what,
        surface: 100,
        level: 50_000,
        forecast: 120,
        timeUnit: 1,
      })),
    );
    expect(fields[0]!.grid()).toEqual({
      columns: 144,
      rows: 73,
      north: 90,
      west: 0,
      stepLongitude: 2.5,
      stepLatitude: 2.5,
    });
  });

  it('lies in rows from the pole, where height has one value and wind turns with the meridian', () => {
    const { height, eastward, northward } = readWeather(FILE, 50_000, 'gfs');
    expect(height.length).toBe(73 * 144);
    for (const row of [0, 72]) {
      const pole = height.subarray(row * 144, (row + 1) * 144);
      expect(new Set(pole).size).toBe(1);
      // A quarter round, east is what north was before.
      for (const k of [0, 17, 90])
        expect(
          Math.abs(eastward[row * 144 + ((k + 36) % 144)]! - (row === 0 ? 1 : -1) * northward[row * 144 + k]!),
        ).toBeLessThan(0.03);
    }
  });

  it('is plausible: the tropics high, the winter pole low, westerlies at 45°, values of two decimals', () => {
    const { height, eastward } = readWeather(FILE, 50_000, 'gfs');
    const mean = (values: Float64Array, row: number) =>
      values.subarray(row * 144, (row + 1) * 144).reduce((sum, value) => sum + value, 0) / 144;
    expect(mean(height, 36)).toBeGreaterThan(5840);
    expect(mean(height, 4)).toBeLessThan(5150);
    expect(mean(eastward, 18)).toBeGreaterThan(8);
    expect(mean(eastward, 54)).toBeGreaterThan(8);
    for (const value of height) expect(Math.abs(value * 100 - Math.round(value * 100))).toBeLessThan(1e-6);
  });
});

describe('GRIB2: packing', () => {
  it('simple', () => {
    const field = only(message(TIME, gridOf(), productOf(), SIMPLE, NO_MAP, SIX));
    expect([...field.values()]).toEqual([100, 100.1, 100.2, 100.3, 100.4, 100.5]);
  });

  it.each([
    ['rows from the south', 0x40, [3, 4, 5, 0, 1, 2]],
    ['from the east', 0x80, [2, 1, 0, 5, 4, 3]],
    ['by columns', 0x20, [0, 2, 4, 1, 3, 5]],
    ['to and fro', 0x10, [0, 1, 2, 5, 4, 3]],
  ])('scanned %s', (_, scan, expected) => {
    const latitudes: [number, number] = scan === 0x40 ? [10, 20] : [20, 10];
    const longitudes: [number, number] = scan === 0x80 ? [20, 0] : [0, 20];
    const field = only(message(TIME, gridOf(scan, 6, latitudes, longitudes), productOf(), SIMPLE, NO_MAP, SIX));
    expect([...field.values()].map((value) => Math.round(10 * value - 1000))).toEqual(expected);
    expect(field.grid()).toMatchObject({ north: 20, west: 0, stepLongitude: 10, stepLatitude: 10 });
  });

  it('a constant has no bits', () => {
    const packing = section(5, number(6, 4), number(0, 2), float(-2.5), number(0, 2), number(0, 2), [0, 0]);
    const field = only(message(TIME, gridOf(), productOf(), packing, NO_MAP, section(7)));
    expect([...field.values()]).toEqual(new Array(6).fill(-2.5));
  });

  it('a bit map leaves gaps; the next field of the message may take it over', () => {
    const four = section(5, number(4, 4), number(0, 2), float(1000), number(0, 2), number(1, 2), [4, 0]);
    const data = section(7, bits([0, 4], [1, 4], [2, 4], [3, 4]));
    const map = section(6, [0, 0b10110100]);
    const fields = readGrib2(
      message(TIME, gridOf(), productOf(), four, map, data, productOf(2, 2), four, section(6, [254]), data),
    );
    const expected = [100, Number.NaN, 100.1, 100.2, Number.NaN, 100.3];
    expect(fields.map((field) => [...field.values()])).toEqual([expected, expected]);
    expect(fields.map(({ product }) => product!.category)).toEqual([3, 2]);
  });

  /** Template 5.2 (order 0) or 5.3: two groups of 2 and 4, with numbers of 2 and 3 bits over references 1 and 0. */
  const complex = (
    order: number,
    management: number,
    first: readonly number[],
    values: readonly [number, number][],
  ) => [
    section(
      5,
      number(6, 4),
      number(order === 0 ? 2 : 3, 2),
      float(0),
      number(0, 2),
      number(0, 2),
      [4, 0, 1, management],
      number(0, 8),
      number(2, 4),
      [2, 1],
      number(2, 4),
      [1],
      number(4, 4),
      [1],
      order === 0 ? [] : [order, 2],
    ),
    NO_MAP,
    section(
      7,
      first.flatMap((value) => number(value, 2)),
      bits([1, 4], [0, 4]),
      bits([0, 1], [1, 1]),
      bits([0, 1], [0, 1]),
      bits(...values),
    ),
  ];
  const six: readonly [number, number][] = [
    [0, 2],
    [3, 2],
    [5, 3],
    [0, 3],
    [7, 3],
    [6, 3],
  ];

  it.each([
    ['in groups', 0, 0, [], [1, 4, 5, 0, 7, 6]],
    ['in groups, with values missing', 0, 1, [], [1, Number.NaN, 5, 0, Number.NaN, 6]],
    ['in groups, with values missing for two reasons', 0, 2, [], [1, Number.NaN, 5, 0, Number.NaN, Number.NaN]],
    ['with differences', 1, 0, [10, -3], [10, 11, 13, 10, 14, 17]],
    ['with differences of differences', 2, 0, [10, 12, -3], [10, 12, 16, 17, 22, 30]],
    ['with differences around values missing', 1, 1, [10, -3], [10, Number.NaN, 12, 9, Number.NaN, 12]],
  ])('%s', (_, order, management, first, expected) => {
    const field = only(message(TIME, gridOf(), productOf(), ...complex(order, management, first, six)));
    expect([...field.values()]).toEqual(expected);
  });
});

describe('GRIB2: what cannot be read says where, what and how to mend it', () => {
  it.each([
    ['no GRIB at all', new Uint8Array(100), 'NotGrib2', undefined],
    [
      'edition 1',
      new Uint8Array([...'GRIB'].map((c) => c.charCodeAt(0)).concat([0, 0, 50, 1], new Array(50).fill(0))),
      'NotGrib2',
      7,
    ],
    ['a file cut short', FILE.subarray(0, 30_000), 'TruncatedFile', 16261 + 8],
    ['a head cut short', FILE.subarray(0, 10), 'CorruptFile', 8],
  ] as const)('%s', (_, file, tag, offset) => {
    const error = errorOf(() => readGrib2(file));
    expect(error.tag).toBe(tag);
    expect(error.offset).toBe(offset);
    expect(error.message).toMatch(/\. [A-Z].*\.$/);
  });

  it.each([
    ['a section without length', (file: Uint8Array) => file.set([0, 0, 0, 0], 16), /octet 16: section 1 says it has 0/],
    [
      'a section beyond its message',
      (file: Uint8Array) => file.set([255], 16),
      /section 1 says it has 42781901\d\d oct/,
    ],
    ['sections out of order', (file: Uint8Array) => file.set([5], 20), /octet 20: section 5 follows section 0/],
    ['a length of other end', (file: Uint8Array) => file.set([0x8f], 14), /CorruptFile|TruncatedFile/],
  ])('%s', (_, spoil, message_) => {
    const file = FILE.slice();
    spoil(file);
    expect(errorOf(() => readGrib2(file)).message).toMatch(message_);
  });

  const read = (...sections: readonly (readonly number[])[]) =>
    errorOf(() => readGrib2(message(...sections)).map((field) => field.values())).message;

  it('a grid of more points than it has columns and rows', () => {
    expect(read(TIME, gridOf(0, 7), productOf(), SIMPLE, NO_MAP, SIX)).toMatch(
      /3 columns times 2 rows are not 7 points/,
    );
  });
  it('more values than there are octets for', () => {
    expect(read(TIME, gridOf(), productOf(), SIMPLE, NO_MAP, section(7, [1, 2]))).toMatch(
      /6 numbers of 4 bits reach beyond/,
    );
  });
  it('a bit map that is not there, and one of a centre', () => {
    expect(read(TIME, gridOf(), productOf(), SIMPLE, section(6, [254]), SIX)).toMatch(/there is none/);
    expect(read(TIME, gridOf(), productOf(), SIMPLE, section(6, [3]), SIX)).toMatch(/NotSupported.*number 3/);
  });
  it('packings of other templates', () => {
    const jpeg = section(5, number(6, 4), number(40, 2), float(0), number(0, 2), number(0, 2), [4, 0]);
    expect(read(TIME, gridOf(), productOf(), jpeg, NO_MAP, SIX)).toMatch(/NotSupported.*5\.40/);
  });

  it('any octets changed: a WeatherError or numbers, soon, and no other error', () => {
    let state = 12345;
    const random = (below: number) => {
      state = (Math.imul(state, 1103515245) + 12345) >>> 0;
      return Math.floor((state / 2 ** 32) * below);
    };
    const small = message(TIME, gridOf(), productOf(), SIMPLE, NO_MAP, SIX);
    for (let round = 0; round < 600; round++) {
      const file = (round % 20 === 0 ? FILE : small).slice();
      for (let k = 0; k <= random(4); k++) file[random(Math.min(file.length, 400))] = random(256);
      try {
        for (const field of readGrib2(file)) field.values();
      } catch (error) {
        if (!(error instanceof WeatherError)) throw error;
      }
    }
  });
});

describe('weather from a file', () => {
  it('lists the levels that are there', () => {
    expect(errorOf(() => readWeather(FILE, 85_000, 'gfs')).message).toBe(
      'FieldNotFound: gfs: there is no geopotential height at 850 hPa among 3 fields. Write a level of 500 hPa.',
    );
  });
  it('takes one time only, and the whole globe', () => {
    const twice = new Uint8Array([...FILE, ...FILE]);
    expect(errorOf(() => readWeather(twice, 50_000, 'two')).message).toMatch(
      /AmbiguousField: two, octet 44826: .*2 fields of geopotential height/,
    );
    const one = (category: number, what: number) =>
      message(TIME, gridOf(), productOf(category, what), SIMPLE, NO_MAP, SIX);
    const region = new Uint8Array([...one(3, 5), ...one(2, 2), ...one(2, 3)]);
    expect(errorOf(() => readWeather(region, 50_000, 'region')).message).toMatch(
      /NotGlobal.*3 columns from 0° E, 10° apart/,
    );
  });
});
