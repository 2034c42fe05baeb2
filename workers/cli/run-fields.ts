import { bilinearTable, sampleBilinear } from '../../engine/grid/bilinear.ts';
import { boxCentres, globalBoxes } from '../../engine/grid/latitude-longitude.ts';
import { nodeInputFiles } from '../../scenarios/node-input-files.ts';
import { makeBed } from '../run/bed.ts';
import { latLonOutput } from '../run/lat-lon.ts';
import { makeGrid } from '../run/prepare.ts';
import { RUN_PARTS } from '../run/run-scenario.ts';
import type { FloatArray } from '../store/zarr-arrays.ts';
import { listMembers, openFloats, openRunGroup, readFloats } from '../store/zarr-reading.ts';
import { CliError, EXIT } from './errors.ts';
import { openCache } from './load.ts';
import { openOutput, type RunDirectory, withInputs } from './run-directory.ts';

/** A field of a run on a regular grid, rows from the south, NaN where there is no value. */
export interface MapField {
  readonly values: FloatArray;
  readonly latitudes: FloatArray;
  readonly longitudes: FloatArray;
  /** Seconds after the start, for a field in time. */
  readonly seconds?: number;
}

/** Reads fields of a finished or unfinished run for maps. */
export interface FieldReader {
  readonly names: readonly string[];
  /** A field that is there once for the whole run. */
  read(name: string): Promise<MapField>;
  /** The frame nearest to a time [s]. */
  readAt(name: string, seconds: number): Promise<MapField>;
  /** 1 where the bed lies dry at rest, for each value of a field. */
  land(): Promise<Uint8Array | undefined>;
}

const noMap = (what: string, cure: string): CliError => new CliError('NoMap', `${what}. ${cure}.`, EXIT.usage);

/** Throws CliError (NoMap) where a run has no fields to draw. */
export async function openFields(run: RunDirectory): Promise<FieldReader> {
  const { scenario } = run;
  if (scenario.grid.kind === 'plane')
    throw noMap('a plane has no latitudes and longitudes to draw a map of', 'Draw its stations with --what stations');
  const store = await openOutput(run);
  if (!store) {
    throw noMap(
      `the run wrote no ${RUN_PARTS.zarr}`,
      'Run the scenario with --set output.format=zarr, or draw nothing but stations of runs that did',
    );
  }
  const group = await openRunGroup(store);
  const regular = (await listMembers(store, 'latlon')).length > 0;
  const from = regular ? 'latlon' : 'native';
  const names = (await listMembers(store, from)).filter(
    (name) => !/^(time|latitude|longitude|cell_area|latitude_corner|longitude_corner)$/.test(name),
  );
  const grid = makeGrid(scenario);
  // A run without a regular copy is regridded here, at the spacing of its cells.
  const spacing = scenario.output.latitudeLongitude ?? Math.max(0.25, 90 / grid.cellsX);
  const made = regular
    ? undefined
    : latLonOutput({ scenario: { ...scenario, output: { ...scenario.output, latitudeLongitude: spacing } }, grid });
  const latitudes = made?.latitude ?? (await readFloats(group, 'latlon/latitude'));
  const longitudes = made?.longitude ?? (await readFloats(group, 'latlon/longitude'));

  const values = async (name: string, frame?: number): Promise<FloatArray> => {
    const path = `${from}/${name}`;
    const lead = frame === undefined ? [] : [frame];
    if (!made) return readFloats(group, path, [...lead, null, null]);
    const panels: FloatArray[] = [];
    for (let panel = 0; panel < grid.panels; panel++)
      panels.push(await readFloats(group, path, [...lead, panel, null, null]));
    return made.sample(panels, name);
  };
  const require = (name: string): void => {
    if (names.includes(name)) return;
    throw noMap(
      `the run has no ${name}`,
      `It has ${names.join(', ')}; to have more, run the scenario with it among output.fields`,
    );
  };
  return {
    names,
    async read(name) {
      require(name);
      return { values: await values(name), latitudes, longitudes };
    },
    async readAt(name, seconds) {
      require(name);
      const times = await readFloats(group, `${from}/time`);
      const timed = (await openFloats(group, `${from}/${name}`)).dimensionNames?.[0] === 'time';
      if (!timed || times.length === 0)
        throw noMap(`${name} is not there in time`, 'Give it an interval: every: 5 min');
      let frame = 0;
      for (let k = 1; k < times.length; k++)
        if (Math.abs(times[k]! - seconds) < Math.abs(times[frame]! - seconds)) frame = k;
      return { values: await values(name, frame), latitudes, longitudes, seconds: times[frame]! };
    },
    async land() {
      try {
        const { bathymetry } = (await withInputs(run)).grid;
        if (bathymetry.type === 'none') return undefined;
        const bed = await makeBed(grid, bathymetry, nodeInputFiles(await openCache()));
        const { seaLevel } = scenario.initial;
        const wet = bed.map((panel) => panel.map((ground) => (ground < seaLevel ? 1 : 0)));
        const table = bilinearTable(grid, boxCentres(globalBoxes(longitudes.length, latitudes.length)));
        const share = sampleBilinear(table, wet, new Float64Array(table.points), {});
        return Uint8Array.from(share, (part) => (part < 0.5 ? 1 : 0));
      } catch {
        // Without its bathymetry the run still has its pictures: what has no value counts as land.
        return undefined;
      }
    },
  };
}
