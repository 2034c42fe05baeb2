import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { readFaultTable } from '../../scenarios/faults/read-source-table.ts';
import { predictRun } from '../../scenarios/prediction.ts';
import { checkScenario, type Finding, formatFindings, type SanityFacts } from '../../scenarios/sanity.ts';
import { LIBRARY, loaded, MINIMAL, minimalPlane } from './library.ts';

const FAULT =
  'longitude: -72.668, latitude: -35.826, depth: 35 km, length: 450 km, width: 100 km, strike: 16, dip: 14, rake: 104, slip: 15 m';
const quake = (fault: string, more = ''): string =>
  `${MINIMAL}sources: [{ type: earthquake, ${more} faults: { ${fault} } }]`;
const tags = (findings: readonly Finding[]): readonly string[] =>
  findings.map(({ severity, tag, path }) => `${severity} ${tag} ${path}`);
const check = async (text: string, facts: SanityFacts = {}): Promise<readonly Finding[]> =>
  checkScenario(await loaded(text), facts);

describe('an earthquake', () => {
  it('of a widely copied Maule fault is of magnitude 8.92, not of 8.8', async () => {
    const [finding, ...others] = await check(quake(FAULT, 'magnitude: 8.8,'));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ severity: 'warning', tag: 'MagnitudeMismatch', path: 'sources[0].magnitude' });
    expect(finding!.message).toContain(
      '2.70e+22 N m, magnitude 8.92, and the magnitude stated is 8.8: 1.52 times its moment',
    );
    expect(finding!.cure).toContain('scale: 0.659');
    // What the cure says does cure it.
    expect(await check(quake(FAULT, 'magnitude: 8.8, scale: 0.659,'))).toEqual([]);
    expect(await check(quake(FAULT, 'magnitude: 8.9,'))).toEqual([]);
    expect(await check(quake(FAULT))).toEqual([]);
  });

  it('of each published table has the magnitude that its authors state', async () => {
    for (const name of ['tohoku2011-satake', 'chile2010-fujii-satake', 'sumatra2004-fujii-satake']) {
      const table = readFaultTable(readFileSync(`${LIBRARY}/data/sources/${name}.csv`, 'utf8'), name);
      const facts = { faultTables: new Map([[0, table]]) };
      expect(
        tags(
          await check(
            `${MINIMAL}sources: [{ type: earthquake, maximumSlip: 70 m, faults: data/sources/${name}.csv }]`,
            facts,
          ),
        ),
      ).toEqual([]);
      expect(
        tags(
          await check(
            `${MINIMAL}sources: [{ type: earthquake, maximumSlip: 70 m, magnitude: 8.2, faults: data/sources/${name}.csv }]`,
            facts,
          ),
        ),
      ).toEqual(['warning MagnitudeMismatch sources[0].magnitude']);
    }
  });

  it('with centimetres for metres slips too much', async () => {
    const findings = await check(quake(FAULT.replace('15 m', '1500 m')));
    expect(tags(findings)).toEqual(['warning LargeSlip sources[0]']);
    expect(formatFindings(findings)).toContain('1500 cm?');
    expect(await check(quake(FAULT.replace('15 m', '69 m'), 'maximumSlip: 70 m,'))).toEqual([]);
  });

  it('that does not slip does nothing', async () => {
    expect(tags(await check(quake(FAULT.replace('15 m', '0 m'))))).toEqual(['warning NoSlip sources[0]']);
    expect(tags(await check(quake(FAULT, 'scale: 0,')))).toEqual(['warning NoSlip sources[0]']);
  });

  it('too deep to raise a tsunami, and deeper than any', async () => {
    expect(tags(await check(quake(FAULT.replace('35 km', '90 km'))))).toEqual(['warning DeepFault sources[0]']);
    expect(tags(await check(quake(FAULT.replace('35 km', '690 km'))))).toEqual(['error FaultTooDeep sources[0]']);
  });

  it('under land', async () => {
    const sea = (longitude: number) => (longitude < -72 ? 4000 : -500);
    expect(await check(quake(FAULT.replace('-72.668', '-74')), { depthAt: sea })).toEqual([]);
    const inland = await check(quake(FAULT.replace('-72.668', '72.668')), { depthAt: sea });
    expect(tags(inland)).toEqual(['error SourceUnderLand sources[0]']);
    expect(inland[0]!.cure).toContain('longitude 72.668');
    // The fault of a great earthquake may lie under the coast, and lift the sea beside it.
    expect(tags(await check(quake(FAULT), { depthAt: (longitude) => (longitude < -73.5 ? 4000 : -500) }))).toEqual([
      'warning SourceUnderLand sources[0]',
    ]);
    // Half under land is how a coast looks.
    expect(await check(quake(FAULT), { depthAt: (longitude) => (longitude < -72.4 ? 4000 : -500) })).toEqual([]);
  });
});

describe('stations', () => {
  const facts: SanityFacts = {
    depthAt: (longitude) => (longitude > -155 ? 1200 : -3),
    nearestWet: (_, latitude) => ({ longitude: -154.917, latitude, depth: 340, distance: 15_200 }),
  };
  it('on land are offered the nearest wet cell', async () => {
    const findings = await check(
      `${MINIMAL}output: { stations: [{ name: Hilo, longitude: -155.06, latitude: 19.73 }, { name: Sea, longitude: -150, latitude: 19 }] }`,
      facts,
    );
    expect(tags(findings)).toEqual(['warning StationOnLand output.stations[0]']);
    expect(findings[0]!.cure).toBe(
      'the nearest wet cell is 15.2 km away and 340 m deep: write longitude: -154.917, latitude: 19.73',
    );
  });
  it('of observations are looked at too', async () => {
    const findings = await check(
      `${MINIMAL}observations: [{ station: Hilo, longitude: -155.06, latitude: 19.73, file: data/dart/stations.csv }]`,
      facts,
    );
    expect(tags(findings)).toEqual(['warning StationOnLand observations[0]']);
  });
  it('outside a plane are errors', async () => {
    const text = minimalPlane(
      'output: { stations: [{ name: a, x: 49 m, y: 1 m }, { name: b, x: 51 m, y: 1 m }, { name: c, x: 1 m, y: -1 m }] }',
    );
    expect(tags(await check(text))).toEqual([
      'error StationOutside output.stations[1]',
      'error StationOutside output.stations[2]',
    ]);
  });
});

describe('other sources', () => {
  it('a hump on land', async () => {
    const text = `${MINIMAL}sources: [{ type: gaussian, longitude: 10, latitude: 50, height: 1 m, radius: 100 km }]`;
    expect(tags(await check(text, { depthAt: () => -200 }))).toEqual(['warning SourceOnLand sources[0]']);
    expect(await check(text, { depthAt: () => 200 })).toEqual([]);
  });
  it('a wave that breaks, and one outside', async () => {
    const wave = (height: string, position: string) =>
      minimalPlane(`sources: [{ type: solitary-wave, height: ${height}, position: ${position}, depth: 1 m }]`);
    expect(await check(wave('0.7 m', '5 m'))).toEqual([]);
    expect(tags(await check(wave('0.8 m', '60 m')))).toEqual([
      'error BreakingWave sources[0].height',
      'error SourceOutside sources[0].position',
    ]);
  });
});

describe('the time step', () => {
  it('over the stable one is an error that gives one that is not', async () => {
    const text = MINIMAL.replace('1 h }', '1 h, step: 120 s }');
    const [finding] = await check(text, { stableStep: 110.9 });
    expect(finding).toMatchObject({ severity: 'error', tag: 'UnstableStep', path: 'time.step' });
    expect(finding!.message).toContain('Δt = 120 s exceeds 111 s');
    expect(finding!.cure).toContain('step: 86 s, or courant: 1.4');
    expect(await check(text, { stableStep: 120 })).toEqual([]);
    expect(await check(MINIMAL, { stableStep: 1 })).toEqual([]);
  });
});

describe('what a run takes', () => {
  const TEXT = `${MINIMAL.replace('cells: 36, tile: 18', 'cells: 540, tile: 90').replace('1 h', '10 h')}output:
  fields: [{ name: sea_surface_height_above_mean_sea_level, every: 5 min }, { name: maximum_amplitude }]
  latitudeLongitude: 0.25
`;
  const facts = { timeStep: 36.9, numbersPerCell: 30, millionCellStagesPerSecond: 24, threads: 2 };

  it('is predicted from cells, steps and threads', async () => {
    const prediction = predictRun(await loaded(TEXT), facts);
    expect(prediction).toMatchObject({ cells: 1_749_600, steps: 976, memoryBytes: 1_749_600 * 30 * 4 });
    expect(prediction.outputBytes).toBe((121 + 1) * (1_749_600 + 1440 * 720) * 4);
    expect(prediction.wallSeconds).toBeCloseTo((1_749_600 * 976 * 4) / 48e6, 6);
    expect(predictRun(await loaded(TEXT, { overrides: ['output.format=none'] }), facts).outputBytes).toBe(0);
  });

  it('is held against what there is', async () => {
    const scenario = await loaded(TEXT);
    const prediction = predictRun(scenario, facts);
    expect(
      checkScenario(scenario, { prediction, machine: { freeDiskBytes: 2 ** 40, freeMemoryBytes: 2 ** 34 } }),
    ).toEqual([]);
    const findings = checkScenario(scenario, {
      prediction: { ...prediction, wallSeconds: 90_000 },
      machine: { freeDiskBytes: 1e9, freeMemoryBytes: 1e8 },
    });
    expect(tags(findings)).toEqual([
      'error OutputTooLarge output.fields',
      'error OutOfMemory grid.cells',
      'warning LongRun grid.cells',
    ]);
    expect(formatFindings(findings)).toContain('1.27 GiB, and 954 MiB are free');
  });

  it('no more samples than memory and checkpoints can hold', async () => {
    const stations =
      '{ name: A, longitude: 1, latitude: 1, every: 5 ms }, { name: B, longitude: 2, latitude: 1, every: 10 ms }';
    const text = (duration: string, more = '') =>
      `${MINIMAL.replace('1 h', duration)}output: { stations: [${stations}]${more} }`;
    expect(await check(text('3000 s'))).toEqual([]);
    const [finding, ...others] = await check(text('1 h'));
    expect(others).toEqual([]);
    expect(finding).toMatchObject({ severity: 'error', tag: 'TooManySamples', path: 'output.stations[0].every' });
    expect(finding!.message).toBe(
      '2 stations record, A every 0.005 s for 3600 s: 1080002 times, and at most 1000000 are kept',
    );
    // What the cure says does cure it.
    expect(finding!.cure).toContain('every: 0.0073 s');
    expect(await check(text('1 h').replace('5 ms', '7.3 ms'))).toEqual([]);
    const fields = ', fields: [{ name: sea_water_speed, every: 1 ms }], checkpoints: { every: 1 ms }';
    expect(tags(await check(text('1001 s', fields)))).toEqual([
      'error TooManySamples output.fields[0].every',
      'error TooManySamples output.checkpoints.every',
    ]);
  });

  it('an interval longer than the run never comes round', async () => {
    const text = `${MINIMAL}output: { fields: [{ name: sea_water_speed, every: 2 h }] }`;
    expect(tags(await check(text))).toEqual(['warning NeverWritten output.fields[0].every']);
  });
});
