import { readFileSync } from 'node:fs';
import { describe, expect, it } from 'vitest';
import { hashInputs, inputFiles, scenarioIdentity } from '../../../scenarios/identity.ts';
import { readFile } from '../../../scenarios/node-files.ts';
import { prepareRun } from '../../../workers/run/prepare.ts';
import { LIBRARY, load, loaded, problemsOf } from '../library.ts';

const FILE = `${LIBRARY}/data/air/gfs-2011-01-15-500hpa.grib2`;
const starting = (initial: string) => `terrella: 1
name: weather
model: { equations: shallow-water, precision: float64 }
grid: { cells: 12, bathymetry: none }
time: { start: 2011-01-15T12:00:00Z, duration: 1 h }
initial: ${initial}
`;
const SHIPPED = '{ state: weather, file: data/air/gfs-2011-01-15-500hpa.grib2 }';
const settings = { threads: 1, form: 'wasm', skipRest: true, cache: undefined } as const;

describe('a scenario that starts from weather', () => {
  it('takes 500 hPa and balances it unless told', async () => {
    expect((await loaded(starting(SHIPPED))).initial.state).toEqual({
      name: 'weather',
      file: FILE,
      level: 50_000,
      balanced: true,
    });
    const told = starting(SHIPPED.replace(' }', ', level: 250 hPa, balanced: false }'));
    expect((await loaded(told)).initial.state).toMatchObject({ level: 25_000, balanced: false });
  });

  it('has an identity that changes with the content of its file, and not with its place', async () => {
    const scenario = await loaded(starting(SHIPPED));
    expect(inputFiles(scenario)).toEqual([FILE]);
    const identity = async (content: Uint8Array) => {
      const hashed = await hashInputs(scenario, () => content);
      return hashed.ok ? scenarioIdentity(scenario, hashed.hashes) : 'missing';
    };
    const bytes = (await readFile(FILE))!;
    const other = bytes.slice();
    other[30_000]! ^= 1;
    expect(await identity(bytes)).not.toBe(await identity(other));
  });

  it.each([
    ['{ state: weather }', /initial\.file: the weather has no file/],
    ['{ state: weather, file: data/air/none.grib2 }', /initial\.file: the file .*none\.grib2 is not there/],
    [
      '{ state: weather, angle: 45, file: data/air/gfs-2011-01-15-500hpa.grib2 }',
      /initial\.angle: angle means nothing/,
    ],
    ['{ state: williamson-2, level: 500 hPa }', /initial\.level: level means nothing/],
    ['{ state: weather, level: 500 m, file: data/air/gfs-2011-01-15-500hpa.grib2 }', /initial\.level: .*pressure/],
  ])('%s is refused', async (initial, expected) => {
    expect((await problemsOf(starting(initial))).join('\n')).toMatch(expected);
  });

  it('says what is wrong with a file of something else', async () => {
    const scenario = await loaded(starting('{ state: weather, file: data/topo/etopo1-japan.nc }'));
    await expect(prepareRun(scenario, settings)).rejects.toThrow(/^NotGrib2: scenarios\/data\/topo\/etopo1-japan\.nc/);
    const high = await loaded(starting(SHIPPED.replace(' }', ', level: 250 hPa }')));
    await expect(prepareRun(high, settings)).rejects.toThrow(
      /^FieldNotFound: .*at 250 hPa.*Write a level of 500 hPa\.$/,
    );
  });

  it('starts the same air on every grid: means over cells of a coarse one are those over its cells on a fine one', async () => {
    const text = starting(SHIPPED);
    const meansOf = async (cells: number) => {
      const { grid, options } = await prepareRun(
        await loaded(text, { overrides: [`grid.cells=${cells}`, `grid.tile=${cells}`] }),
        settings,
      );
      return { area: grid.geometry(0).area, surface: options.fields.surface as readonly Float64Array[] };
    };
    const [coarse, fine] = [await meansOf(12), await meansOf(24)];
    coarse.surface.forEach((panel, p) => {
      panel.forEach((mean, cell) => {
        const first = 2 * 24 * Math.floor(cell / 12) + 2 * (cell % 12);
        const four = [first, first + 1, first + 24, first + 25];
        const whole = four.reduce((sum, k) => sum + fine.area[k]!, 0);
        const within = four.reduce((sum, k) => sum + fine.area[k]! * fine.surface[p]![k]!, 0) / whole;
        expect(Math.abs(mean - within)).toBeLessThan(0.5);
      });
    });
  });

  it('ships with a description that says what it is not', async () => {
    const text = readFileSync(`${LIBRARY}/weather-2011-01-15.yaml`, 'utf8');
    const result = await load(text);
    expect(result.ok && result.scenario.description).toMatch(/a forecast, not what was measured/);
  });
});
