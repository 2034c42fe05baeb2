import { describe, expect, it } from 'vitest';
import { analyticElevation } from '../../scenarios/analytic-bed.ts';
import { recordInTime, solitaryInTime } from '../../scenarios/incident-wave.ts';
import { formatProblems } from '../../scenarios/problems.ts';
import { checkScenario } from '../../scenarios/sanity.ts';
import { load, loaded, MINIMAL } from './library.ts';

describe('waves in time', () => {
  it('a record passes through its samples, follows parabolas exactly, and is nothing outside', () => {
    const times = [0, 1, 2.5, 3, 4.5];
    const parabola = (t: number) => 2 - 3 * t + 0.5 * t * t;
    const record = recordInTime(times, times.map(parabola));
    for (const time of times) expect(record(time)).toBeCloseTo(parabola(time), 14);
    for (const time of [1.2, 2, 2.7, 2.99]) expect(record(time)).toBeCloseTo(parabola(time), 14);
    expect([-1e-9, 4.5 + 1e-9, Number.NaN].map(record)).toEqual([0, 0, 0]);
    expect(recordInTime([2], [0.5])(2)).toBe(0.5);
  });

  it('a record of a smooth wave errs with the third power of its step', () => {
    const error = (step: number) => {
      const times = Array.from({ length: 10 / step + 1 }, (_, k) => k * step);
      const record = recordInTime(times, times.map(Math.sin));
      return Math.max(...times.slice(2, -3).map((t) => Math.abs(record(t + 0.3 * step) - Math.sin(t + 0.3 * step))));
    };
    expect(error(0.25) / error(0.125)).toBeGreaterThan(7);
  });

  it('a solitary wave has its crest in time, the width of its law, and dies out without overflow', () => {
    const wave = solitaryInTime(0.02, 0.5, 4, 9.81);
    expect(wave(4)).toBe(0.02);
    // sech² is a half at arcosh √2.
    const rate = (Math.sqrt((3 * 0.02) / (4 * 0.5)) / 0.5) * Math.sqrt(9.81 * 0.52);
    expect(wave(4 + Math.acosh(Math.SQRT2) / rate)).toBeCloseTo(0.01, 12);
    expect(wave(4 - 1)).toBeCloseTo(wave(4 + 1), 15);
    expect([-1e6, 1e6].map(wave)).toEqual([0, 0]);
  });
});

it('a profile is straight between its points, and flat before and after them', () => {
  const bed = analyticElevation({
    type: 'profile',
    points: [
      [2, -1],
      [4, 0],
      [5, 3],
    ],
  })!;
  expect([-5, 2, 3, 4, 4.5, 5, 9].map((x) => bed(x, 7))).toEqual([-1, -1, -0.5, 0, 1.5, 3, 3]);
});

const plane = (boundary: string, more = '', bed = '{ constant: 1 m }') => `terrella: 1
name: plane
model: { equations: tsunami }
grid: { kind: plane, cellsX: 100, cellsY: 10, size: [50 m, 5 m], boundary: ${boundary}, bathymetry: ${bed} }
time: { start: 2000-01-01T00:00:00Z, duration: 1 min }
${more}`;
const OPEN = '{ x: wall, y: periodic, open: [west] }';
const SOLITARY = 'solitary: { height: 2 cm, depth: 1 m, crest: 5 s }';

describe('scenarios with open sides', () => {
  const files = { 'scenarios/wave.csv': 'seconds,metres\n0,0\n1,0.1\n' };

  it('take a record or a solitary wave', async () => {
    const one = await loaded(
      plane(OPEN, 'sources: [{ type: incident-wave, side: west, file: wave.csv, delay: -2 s }]'),
      { files },
    );
    expect(one.grid).toMatchObject({ boundary: { x: 'wall', y: 'periodic' }, open: ['west'] });
    expect(one.sources).toEqual([
      {
        type: 'incident-wave',
        side: 'west',
        wave: { kind: 'record', file: 'scenarios/wave.csv', delay: -2, scale: 1 },
      },
    ]);
    const other = await loaded(plane(OPEN, `sources: [{ type: incident-wave, side: west, ${SOLITARY} }]`));
    expect(other.sources).toEqual([
      { type: 'incident-wave', side: 'west', wave: { kind: 'solitary', height: 0.02, depth: 1, crest: 5 } },
    ]);
  });

  it('mean the same in whatever order their sides are written, and nothing where there are none', async () => {
    const written = await loaded(plane('{ open: [north, west, west] }'));
    expect(written.grid).toMatchObject({ open: ['west', 'north'] });
    expect((await loaded(plane('wall'))).grid).not.toHaveProperty('open');
  });

  it.each([
    [
      'a closed side',
      plane('wall', `sources: [{ type: incident-wave, side: west, ${SOLITARY} }]`),
      'add open: [west] to grid.boundary',
    ],
    [
      'another side',
      plane(OPEN, `sources: [{ type: incident-wave, side: east, ${SOLITARY} }]`),
      'add open: [west, east] to grid.boundary',
    ],
    [
      'two waves',
      plane(
        OPEN,
        `sources: [{ type: incident-wave, side: west, ${SOLITARY} }, { type: incident-wave, side: west, ${SOLITARY} }]`,
      ),
      'join the two in one record',
    ],
    ['no wave', plane(OPEN, 'sources: [{ type: incident-wave, side: west }]'), 'write file: the path of a CSV'],
    [
      'both',
      plane(OPEN, `sources: [{ type: incident-wave, side: west, file: wave.csv, ${SOLITARY} }]`),
      'describe two waves',
    ],
    [
      'a scaled solitary wave',
      plane(OPEN, `sources: [{ type: incident-wave, side: west, scale: 2, ${SOLITARY} }]`),
      'write another height',
    ],
    ['no such side', plane(OPEN, `sources: [{ type: incident-wave, side: wst, ${SOLITARY} }]`), 'write west'],
    [
      'a sphere',
      `${MINIMAL}sources: [{ type: incident-wave, side: west, ${SOLITARY} }]`,
      'add kind: plane to the grid',
    ],
    ['an open periodic side', plane('{ x: periodic, open: [west] }'), 'write x: wall, or take west out of open'],
    ['no open side', plane('{ open: [] }'), 'write at least 1'],
    [
      'a profile that goes back',
      plane('wall', '', '{ profile: [[0 m, -1 m], [2 m, 0 m], [2 m, 1 m]] }'),
      'write the points in ascending x',
    ],
    ['a profile of one point', plane('wall', '', '{ profile: [[0 m, -1 m]] }'), 'write at least 2'],
    [
      'a profile on a sphere',
      MINIMAL.replace('{ constant: 4 km }', '{ profile: [[0 m, -1 m], [2 m, 0 m]] }'),
      'add kind: plane',
    ],
    ['two beds', plane('wall', '', '{ constant: 1 m, profile: [[0 m, -1 m], [2 m, 0 m]] }'), 'describe two beds'],
  ])('%s is refused with a cure', async (_, text, cure) => {
    const result = await load(text, { files });
    expect(result.ok).toBe(false);
    if (!result.ok) expect(formatProblems(result.problems)).toContain(cure);
  });

  it('a solitary wave that breaks as it comes in is an error of its own', async () => {
    const tall = SOLITARY.replace('2 cm', '1 m');
    const scenario = await loaded(plane(OPEN, `sources: [{ type: incident-wave, side: west, ${tall} }]`));
    expect(checkScenario(scenario, {})).toMatchObject([{ tag: 'BreakingWave', path: 'sources[0].solitary.height' }]);
  });
});
