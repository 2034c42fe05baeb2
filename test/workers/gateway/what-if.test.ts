import { join } from 'node:path';
import { expect, it } from 'vitest';
import { placeSubfault } from '../../../engine/sources/subfault.ts';
import { earthquakeMoment } from '../../../scenarios/earthquake-moment.ts';
import { nodeInputFiles } from '../../../scenarios/node-input-files.ts';
import type { EarthquakeSource } from '../../../scenarios/scenario.ts';
import { LIBRARY, loadNamed } from '../../../workers/cli/load.ts';
import { loadVisitorsScenario } from '../../../workers/cli/visitors-scenario.ts';
import type { RunSource } from '../../../workers/gateway/run-source.ts';
import { ruptureOf, whatIf } from '../../../workers/gateway/what-if.ts';
import { faultTableOf, subfaultsOf } from '../../../workers/run/sources.ts';

const UNITS = { file: join(LIBRARY, 'data/sources/sift-unit-sources.csv'), files: nodeInputFiles() };
const { scenario } = await loadNamed('tohoku-2011');

/** As much of a run as a what-if asks for: an ocean 4 km deep everywhere but in Asia. */
const ocean = {
  scenario: () => scenario,
  probe: async ({ longitude }: { longitude: number }) => ({ ground: longitude > 60 && longitude < 110 ? 500 : -4000 }),
} as unknown as RunSource;

it.each([
  [143, 38, 9, 0.1],
  [-73, -36, 8.8, 0.1],
  [-172, -15, 7.5, 0.1],
  [-150, 20, 8, 0.1],
  [144, 40, 9.5, 0.1],
  [144, 40, 6.5, 0.1],
])('at %d, %d of magnitude %d is a scenario that loads, with that moment', async (longitude, latitude, magnitude) => {
  const { yaml, reasons } = await whatIf(ocean, { longitude, latitude, magnitude }, UNITS);
  const loaded = (await loadVisitorsScenario(yaml)).scenario;
  const source = loaded.sources[0] as EarthquakeSource;
  expect(earthquakeMoment(source, await faultTableOf(source, UNITS.files)).magnitude).toBeCloseTo(magnitude, 3);
  const { subfaults } = await subfaultsOf(source, UNITS.files);
  const { fault, centroidDepth } = placeSubfault(subfaults[0]!);
  expect(fault.topDepth).toBeGreaterThan(1900);
  expect(centroidDepth).toBeLessThan(80_000);
  expect(loaded.grid).toEqual(scenario.grid);
  expect(loaded.time).toEqual(scenario.time);
  expect(reasons.length).toBeGreaterThan(3);
});

it('off Japan breaks along the trench; in mid-ocean says that it is imagined', async () => {
  const japan = await whatIf(ocean, { longitude: 143, latitude: 38, magnitude: 9 }, UNITS);
  expect(japan.reasons[0]).toMatch(/kisz.*Japan/);
  expect(Number(/strike: ([\d.]+)/.exec(japan.yaml)![1])).toBeGreaterThan(180);
  expect(Number(/strike: ([\d.]+)/.exec(japan.yaml)![1])).toBeLessThan(225);
  const middle = await whatIf(ocean, { longitude: -150, latitude: 20, magnitude: 8 }, UNITS);
  expect(middle.reasons[0]).toMatch(/imagined/);
});

it('ruptures grow with magnitude as those of great earthquakes did', () => {
  const { length, width, slip } = ruptureOf(9);
  expect([length, width].map((metres) => Math.round(metres / 1000))).toEqual([614, 189]);
  expect(slip).toBeCloseTo(7.6, 1);
});

it.each([
  [{ longitude: 90, latitude: 35, magnitude: 8 }, /land/],
  [{ longitude: 143, latitude: 38, magnitude: 12 }, /Choose one from 6.5 to 9.5/],
  [{ longitude: 143, latitude: 380, magnitude: 8 }, /no longitude and latitude/],
])('%o is refused in plain words', async (asked, message) => {
  await expect(whatIf(ocean, asked, UNITS)).rejects.toThrow(message);
});
