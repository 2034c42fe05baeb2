import type { CellChange } from '../../engine/backends/cpu/cpu-run.ts';
import type { Grid } from '../../engine/grid/grid.ts';
import { exp } from '../../engine/math/index.ts';
import type { Disturbance } from '../../engine/simulation/simulation.ts';
import { type Cap, displacementCap, displacementSeries } from '../../engine/sources/displacement.ts';
import { type GaussianHump, humpSurface } from '../../engine/sources/hump.ts';
import { ruptureSpan, totalSlip } from '../../engine/sources/rupture.ts';
import { chordBetween, position } from '../../engine/sources/sphere.ts';
import { placeSubfault, type Subfault } from '../../engine/sources/subfault.ts';
import { sampleOntoCells } from '../../scenarios/bathymetry/sample-onto-cells.ts';
import { bedSlopes } from '../../scenarios/bathymetry/slopes.ts';
import type { StatedFaults } from '../../scenarios/earthquake-moment.ts';
import { sourceFromText } from '../../scenarios/faults/source-from-text.ts';
import type { InputFiles } from '../../scenarios/input-files.ts';
import type {
  EarthquakeSource,
  GaussianSource,
  IncidentWaveSource,
  Scenario,
  SolitaryWaveSource,
  Source,
  SurfaceSource,
} from '../../scenarios/scenario.ts';

export interface SourceContext {
  readonly scenario: Scenario;
  readonly grid: Grid;
  readonly bed: readonly Float64Array[];
  readonly timeStep: number;
  readonly files: InputFiles;
}

/** Initial prognostic fields that sources set outright, and what they add as the run goes on. */
export interface PreparedSources {
  readonly fields: Readonly<Record<string, Float64Array[]>>;
  readonly disturbances: readonly Disturbance[];
}

const SURFACE_ONLY = ['surface'];
const BED_AND_SURFACE = ['bed', 'surface'];

/** Sea floor motion, humps and waves of a scenario as the simulation takes them. */
export async function prepareSources(context: SourceContext): Promise<PreparedSources> {
  const disturbances: Disturbance[] = [];
  let fields: Record<string, Float64Array[]> = {};
  for (const source of context.scenario.sources) {
    // What comes in through a side belongs to the model: `incidentWaves`.
    if (source.type === 'incident-wave') continue;
    if (source.type === 'solitary-wave') fields = { ...fields, ...solitaryWave(context, source) };
    else disturbances.push(await disturbanceOf(context, source));
  }
  return { fields, disturbances };
}

async function disturbanceOf(
  context: SourceContext,
  source: Exclude<Source, SolitaryWaveSource | IncidentWaveSource>,
): Promise<Disturbance> {
  switch (source.type) {
    case 'earthquake':
      return earthquake(context, source);
    case 'gaussian':
      return atOnce(context, source.begin, hump(context, source));
    case 'surface':
      return atOnce(context, source.begin, await surfaceFile(context, source));
  }
}

/** A displacement of the surface that happens whole, at the first step not before `begin`. */
function atOnce(
  { bed, scenario, timeStep }: SourceContext,
  begin: number,
  panels: readonly Float64Array[],
): Disturbance {
  const step = Math.max(0, Math.ceil(begin / timeStep - 1e-9));
  const { seaLevel } = scenario.model.parameters;
  // Water is added to the sea, not on top of dry land.
  const change = sparse(panels.map((panel, p) => panel.map((value, cell) => (bed[p]![cell]! < seaLevel ? value : 0))));
  return { fields: SURFACE_ONLY, lastStep: step, at: (now) => (now === step ? change : undefined) };
}

/** The cells of a global field that are not 0. */
function sparse(panels: readonly Float64Array[]): CellChange {
  const cells: number[] = [];
  const amounts: number[] = [];
  panels.forEach((panel, p) => {
    panel.forEach((value, cell) => {
      if (value === 0) return;
      cells.push(p * panel.length + cell);
      amounts.push(value);
    });
  });
  return { cells: Uint32Array.from(cells), amounts: Float64Array.from(amounts) };
}

const joined = (parts: readonly Float64Array[]): Float64Array => {
  const whole = new Float64Array(parts.reduce((sum, part) => sum + part.length, 0));
  let at = 0;
  for (const part of parts) {
    whole.set(part, at);
    at += part.length;
  }
  return whole;
};

/** The earthquake's table, or what stands for one. Throws InputUnreadable, FaultTableError. */
export async function faultTableOf(
  { faults }: EarthquakeSource,
  files: InputFiles,
): Promise<StatedFaults & { readonly humps: readonly GaussianHump[] }> {
  if (faults.kind === 'inline') return { subfaults: faults.subfaults, humps: [] };
  const table = sourceFromText(await files.text(faults.file), faults.file);
  return table.kind === 'surface' ? { subfaults: [], humps: table.humps } : { ...table, humps: [] };
}

/** The earthquake's subfaults, scaled and delayed as the scenario says. */
export async function subfaultsOf(
  source: EarthquakeSource,
  files: InputFiles,
): Promise<{ subfaults: Subfault[]; humps: readonly GaussianHump[] }> {
  const { scale, begin } = source;
  const { subfaults, humps } = await faultTableOf(source, files);
  return {
    humps: humps.map((one) => ({ ...one, amplitude: one.amplitude * scale })),
    subfaults: subfaults.map((subfault) => ({
      ...subfault,
      slip: subfault.slip.map((interval) => ({
        ...interval,
        start: interval.start + begin,
        slip: interval.slip * scale,
      })),
    })),
  };
}

async function earthquake(context: SourceContext, source: EarthquakeSource): Promise<Disturbance> {
  const { grid, bed, timeStep } = context;
  const { subfaults, humps } = await subfaultsOf(source, context.files);
  const all = Array.from({ length: grid.panels }, (_, panel) => panel);
  const ofPanels = (panels: readonly number[], quantity: 'longitude' | 'latitude') =>
    joined(panels.map((panel) => grid.geometry(panel)[quantity]));
  if (humps.length > 0)
    return atOnce(
      context,
      source.begin,
      split(grid, humpSurface(humps, ofPanels(all, 'longitude'), ofPanels(all, 'latitude'))),
    );
  const near = panelsNear(grid, displacementCap(subfaults));
  const slopes = source.horizontal ? bedSlopes(grid, bed, (panel) => near.includes(panel)) : undefined;
  const floor = {
    longitude: ofPanels(near, 'longitude'),
    latitude: ofPanels(near, 'latitude'),
    ...(slopes ? { slopeEast: joined(slopes.east), slopeNorth: joined(slopes.north) } : {}),
  };
  const [, end] = ruptureSpan(subfaults);
  const lastStep = Math.max(0, Math.ceil(end / timeStep - 1e-9));
  const times = [BEFORE_EVERYTHING, ...Array.from({ length: lastStep + 1 }, (_, step) => step * timeStep + JUST_AFTER)];
  const { cells: points, increments } = displacementSeries(subfaults, floor, times);
  const ofPanel = grid.cellsX * grid.cellsY;
  const cells = points.map((point) => near[Math.floor(point / ofPanel)]! * ofPanel + (point % ofPanel));
  return {
    fields: BED_AND_SURFACE,
    lastStep,
    at: (step) => {
      const amounts = increments[step];
      return amounts?.some((uplift) => uplift !== 0) ? { cells, amounts } : undefined;
    },
  };
}

/** Panels that a cap may touch: no others need their slopes. */
function panelsNear(grid: Grid, { middle, chord }: Cap): number[] {
  const { cellsX, cellsY } = grid;
  const corners = [0, cellsX - 1, (cellsY - 1) * cellsX, cellsX * cellsY - 1];
  return Array.from({ length: grid.panels }, (_, panel) => panel).filter((panel) => {
    // A plane is not on the globe as its coordinates say.
    if (grid.kind === 'plane') return true;
    const { longitude, latitude } = grid.geometry(panel);
    const at = (cell: number) => position(longitude[cell]!, latitude[cell]!);
    const centre = at((cellsY >> 1) * cellsX + (cellsX >> 1));
    // No cell of a panel lies farther from one in it than a corner does.
    const size = Math.max(...corners.map((corner) => chordBetween(centre, at(corner))));
    return chordBetween(centre, middle) <= size + chord;
  });
}

/** Earlier than any slip [s]. */
const BEFORE_EVERYTHING = -1e9;

/** Slip at once happens just after its time [s]. */
const JUST_AFTER = 1e-6;

const split = (grid: Grid, whole: Float64Array): Float64Array[] => {
  const cells = grid.cellsX * grid.cellsY;
  return Array.from({ length: grid.panels }, (_, panel) => whole.slice(panel * cells, (panel + 1) * cells));
};

/** height · exp(−distance² / 2 radius²). */
function hump({ grid }: SourceContext, source: GaussianSource): Float64Array[] {
  const { longitude: x0, latitude: y0, height, radius } = source;
  return Array.from({ length: grid.panels }, (_, panel) => {
    const { longitude, latitude } = grid.geometry(panel);
    if (grid.kind === 'plane') {
      return Float64Array.from(longitude, (x, cell) => {
        const [dx, dy] = [(x - x0) / radius, (latitude[cell]! - y0) / radius];
        return height * exp(-0.5 * (dx * dx + dy * dy));
      });
    }
    return humpSurface(
      [{ longitude: x0, latitude: y0, amplitude: height, standardDeviation: radius, unit: 'metres' }],
      longitude,
      latitude,
    );
  });
}

async function surfaceFile({ grid, files }: SourceContext, source: SurfaceSource): Promise<Float64Array[]> {
  const { file, variable, factor } = source;
  const options = {
    quantity: 'displacement' as const,
    ...(grid.kind === 'plane' ? { coordinates: 'plane' as const } : {}),
    ...(variable === undefined ? {} : { variable }),
  };
  const panels = sampleOntoCells(grid, await files.elevation(file, options));
  return panels.map((panel) => panel.map((value) => value * factor));
}

/** Solitary wave of Synolakis (1987) eq. 2.4: η = H sech²(√(3H/4d) (x − X)/d), u = ±η √(g/d). */
function solitaryWave(context: SourceContext, source: SolitaryWaveSource): Record<string, Float64Array[]> {
  const { grid, bed, scenario } = context;
  const { seaLevel, gravity } = scenario.model.parameters;
  const { height, position, depth, heading } = source;
  const steepness = Math.sqrt((3 * height) / (4 * depth)) / depth;
  const speed = (heading === 'east' ? 1 : -1) * Math.sqrt(gravity / depth);
  const surface = bed.map((panel, p) => {
    const { longitude } = grid.geometry(p);
    return panel.map((ground, cell) => {
      const e = exp(-2 * steepness * Math.abs(longitude[cell]! - position));
      const sech2 = (4 * e) / ((1 + e) * (1 + e));
      return Math.max(ground, seaLevel + height * sech2);
    });
  });
  const momentumX = surface.map((panel, p) =>
    panel.map((level, cell) => {
      const h = level - bed[p]![cell]!;
      return h > 0 ? h * speed * (level - Math.max(seaLevel, bed[p]![cell]!)) : 0;
    }),
  );
  return { surface, momentumX };
}

/** Centre of the moment of subfaults [degrees]; undefined where there are none. */
export function momentCentre(
  subfaults: readonly Subfault[],
): { readonly longitude: number; readonly latitude: number } | undefined {
  const sum = [0, 0, 0];
  for (const subfault of subfaults) {
    const weight = subfault.length * subfault.width * Math.abs(totalSlip(subfault));
    placeSubfault(subfault).centroid.forEach((part, axis) => {
      sum[axis]! += weight * part;
    });
  }
  const [x, y, z] = sum as [number, number, number];
  if (x === 0 && y === 0 && z === 0) return undefined;
  const degrees = 180 / Math.PI;
  return { longitude: degrees * Math.atan2(y, x), latitude: degrees * Math.atan2(z, Math.hypot(x, y)) };
}
