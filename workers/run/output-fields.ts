import type { CpuRun } from '../../engine/backends/cpu/cpu-run.ts';
import type { Precision } from '../../engine/compiler/pipeline.ts';
import type { Grid } from '../../engine/grid/grid.ts';
import { inverseDepth } from '../../engine/kernels/tsunami.ts';
import { cos, sin } from '../../engine/math/index.ts';
import { vorticityAndDivergence } from '../../engine/models/flow-diagnostics.ts';
import type { OUTPUT_FIELDS } from '../../scenarios/scenario.ts';
import type { OutputField } from '../store/cf-metadata.ts';

export type OutputName = (typeof OUTPUT_FIELDS)[number] | (string & {});

type Panels = (Float32Array | Float64Array)[];
type Described = Omit<OutputField, 'name' | 'precision' | 'extent'>;

const DESCRIPTIONS: Readonly<Record<string, Described>> = {
  sea_surface_height_above_mean_sea_level: {
    longName: 'sea surface height above mean sea level',
    standardName: 'sea_surface_height_above_mean_sea_level',
    units: 'm',
  },
  sea_water_speed: { longName: 'speed of the water', standardName: 'sea_water_speed', units: 'm s-1' },
  eastward_sea_water_velocity: {
    longName: 'eastward velocity of the water',
    standardName: 'eastward_sea_water_velocity',
    units: 'm s-1',
  },
  northward_sea_water_velocity: {
    longName: 'northward velocity of the water',
    standardName: 'northward_sea_water_velocity',
    units: 'm s-1',
  },
  sea_floor_depth_below_mean_sea_level: {
    longName: 'depth of the sea floor, negative on land',
    standardName: 'sea_floor_depth_below_mean_sea_level',
    units: 'm',
  },
  maximum_amplitude: {
    longName: 'largest height above rest at sea, largest depth of the flow on land',
    units: 'm',
    cellMethods: 'time: maximum',
  },
  maximum_speed: { longName: 'largest speed of the water', units: 'm s-1', cellMethods: 'time: maximum' },
  arrival_time: { longName: 'first arrival of the wave after the start', units: 's' },
  geopotential_height: { longName: 'height of the free surface', standardName: 'geopotential_height', units: 'm' },
  surface_altitude: { longName: 'height of the ground', standardName: 'surface_altitude', units: 'm' },
  eastward_wind: { longName: 'eastward wind', standardName: 'eastward_wind', units: 'm s-1' },
  northward_wind: { longName: 'northward wind', standardName: 'northward_wind', units: 'm s-1' },
  wind_speed: { longName: 'speed of the wind', standardName: 'wind_speed', units: 'm s-1' },
  atmosphere_relative_vorticity: {
    longName: 'relative vorticity',
    standardName: 'atmosphere_relative_vorticity',
    units: 's-1',
  },
  divergence_of_wind: { longName: 'divergence of the wind', standardName: 'divergence_of_wind', units: 's-1' },
  air_density: { longName: 'density of the air over that at the start', units: '1' },
  shallow_water_potential_vorticity: { longName: 'absolute vorticity over depth', units: 'm-1 s-1' },
};

/** What the output says of a field; `inTime` where the scenario asks for it at intervals. */
export function describeOutput(name: OutputName, precision: Precision, inTime: boolean): OutputField {
  const described = DESCRIPTIONS[name] ?? { longName: `concentration of ${name}`, units: '1' };
  return { name, ...described, precision, extent: inTime ? 'time' : 'static' };
}

/** East and north unit vectors of every cell, made once. */
interface Directions {
  readonly sinLongitude: Float64Array;
  readonly cosLongitude: Float64Array;
  readonly sinLatitude: Float64Array;
  readonly cosLatitude: Float64Array;
}

const RADIANS = 0.017453292519943295;
const directions = new WeakMap<Grid, Directions[]>();

function directionsOf(grid: Grid): Directions[] {
  let found = directions.get(grid);
  if (!found) {
    found = Array.from({ length: grid.panels }, (_, panel) => {
      const { longitude, latitude } = grid.geometry(panel);
      return {
        sinLongitude: longitude.map((x) => sin(x * RADIANS)),
        cosLongitude: longitude.map((x) => cos(x * RADIANS)),
        sinLatitude: latitude.map((x) => sin(x * RADIANS)),
        cosLatitude: latitude.map((x) => cos(x * RADIANS)),
      };
    });
    directions.set(grid, found);
  }
  return found;
}

/** An output field of the present state, one array a panel; NaN where the cell is dry or has no value. */
export function outputField(run: CpuRun, name: OutputName): Panels {
  switch (name) {
    case 'air_density':
      return run.read('air');
    case 'cosine_bell':
    case 'gaussian_hills':
    case 'cosine_bells':
    case 'correlated_bells':
    case 'slotted_cylinders':
      return run.read(name);
    case 'geopotential_height':
      return run.read('surface');
    case 'surface_altitude':
      return run.read('bed');
    case 'atmosphere_relative_vorticity':
      return turning(run).vorticity;
    case 'divergence_of_wind':
      return turning(run).divergence;
    case 'shallow_water_potential_vorticity':
      return potentialVorticity(run);
    case 'sea_surface_height_above_mean_sea_level': {
      const bed = run.read('bed');
      const dryDepth = parameter(run, 'dryDepth');
      const surface = run.read('surface');
      // Read for every frame that somebody watches: a loop of its own, since a call a cell takes longer than all the rest.
      surface.forEach((eta, p) => {
        const ground = bed[p]!;
        for (let cell = 0; cell < eta.length; cell++) if (eta[cell]! - ground[cell]! < dryDepth) eta[cell] = Number.NaN;
      });
      return surface;
    }
    case 'sea_floor_depth_below_mean_sea_level':
      return run.read('bed').map((panel) => overwrite(panel, (bed) => -bed));
    case 'maximum_amplitude':
      return nanWhere(run, run.read('maximumAmplitude'), (amplitude, dry) => dry && amplitude === 0);
    case 'maximum_speed':
      return nanWhere(run, run.read('maximumSpeed'), (speed, dry) => dry && speed === 0);
    case 'arrival_time':
      return run.read('arrivalTime').map((panel) => overwrite(panel, (time) => (time < 0 ? Number.NaN : time)));
    case 'sea_water_speed':
    case 'wind_speed':
      return velocity(run, (u, v, w) => Math.sqrt(u * u + v * v + w * w));
    case 'eastward_sea_water_velocity':
    case 'eastward_wind':
      return velocity(run, (u, v, _w, d, cell) => (d ? v * d.cosLongitude[cell]! - u * d.sinLongitude[cell]! : u));
    case 'northward_sea_water_velocity':
    case 'northward_wind':
      return velocity(run, (u, v, w, d, cell) =>
        d
          ? w * d.cosLatitude[cell]! - (u * d.cosLongitude[cell]! + v * d.sinLongitude[cell]!) * d.sinLatitude[cell]!
          : v,
      );
    default:
      return nanWhere(run, run.read(name), (_, dry) => dry);
  }
}

const layerOf = (run: CpuRun) => ({
  surface: run.read('surface'),
  bed: run.read('bed'),
  momentum: [run.read('momentumX'), run.read('momentumY'), run.read('momentumZ')] as const,
});

/** Vorticity and divergence in the run's precision. */
function turning(run: CpuRun): { vorticity: Panels; divergence: Panels } {
  const { vorticity, divergence } = vorticityAndDivergence(run.options.grid, layerOf(run));
  const stored = (panels: Float64Array[]): Panels =>
    run.options.precision === 'float32' ? panels.map((panel) => Float32Array.from(panel)) : panels;
  return { vorticity: stored(vorticity), divergence: stored(divergence) };
}

function potentialVorticity(run: CpuRun): Panels {
  const { grid, model } = run.options;
  const { vorticity } = turning(run);
  const [surface, bed] = [run.read('surface'), run.read('bed')];
  const { twiceRotationX = 0, twiceRotationY = 0, twiceRotationZ = 0 } = model.parameters;
  return vorticity.map((panel, p) => {
    const [x, y, z] = grid.geometry(p).up;
    return overwrite(panel, (turn, cell) => {
      const f = twiceRotationX * x[cell]! + twiceRotationY * y[cell]! + twiceRotationZ * z[cell]!;
      return (turn + f) / (surface[p]![cell]! - bed[p]![cell]!);
    });
  });
}

/** A constant of the tsunami model. */
const parameter = (run: CpuRun, name: 'dryDepth' | 'smoothDepth'): number => run.options.model.parameters[name] ?? 0;

function overwrite<A extends Float32Array | Float64Array>(
  panel: A,
  change: (value: number, cell: number) => number,
): A {
  for (let cell = 0; cell < panel.length; cell++) panel[cell] = change(panel[cell]!, cell);
  return panel;
}

/** Leaves out cells by their value and by whether they are dry now. */
function nanWhere(run: CpuRun, panels: Panels, missing: (value: number, dry: boolean) => boolean): Panels {
  const bed = run.read('bed');
  const surface = run.read('surface');
  const dryDepth = parameter(run, 'dryDepth');
  return panels.map((panel, p) =>
    overwrite(panel, (value, cell) =>
      missing(value, surface[p]![cell]! - bed[p]![cell]! < dryDepth) ? Number.NaN : value,
    ),
  );
}

function velocity(
  run: CpuRun,
  component: (u: number, v: number, w: number, d: Directions | undefined, cell: number) => number,
): Panels {
  const { grid } = run.options;
  const [surface, bed] = [run.read('surface'), run.read('bed')];
  const [mx, my, mz] = [run.read('momentumX'), run.read('momentumY'), run.read('momentumZ')];
  const [dryDepth, smoothDepth] = [parameter(run, 'dryDepth'), parameter(run, 'smoothDepth')];
  const all = grid.kind === 'cubed-sphere' ? directionsOf(grid) : undefined;
  return surface.map((panel, p) =>
    overwrite(panel, (eta, cell) => {
      const h = eta - bed[p]![cell]!;
      if (h < dryDepth) return Number.NaN;
      const inverse = inverseDepth(h, dryDepth, smoothDepth);
      const [u, v, w] = [mx[p]![cell]! * inverse, my[p]![cell]! * inverse, mz[p]![cell]! * inverse];
      return component(u, v, w, all?.[p], cell);
    }),
  );
}
