import { setImmediate } from 'node:timers/promises';
import { bilinearTable } from '../../engine/grid/bilinear.ts';
import type { Grid } from '../../engine/grid/grid.ts';
import { boxCentres, globalBoxes } from '../../engine/grid/latitude-longitude.ts';
import type { LatLonOutput } from '../store/zarr-output.ts';
import type { PreparedRun } from './prepare.ts';

type FloatArray = Float32Array | Float64Array;
type SamplePoints = ReturnType<typeof boxCentres>;

/**
 * The regular latitude–longitude copy that the scenario asks for: bilinear between cells, dry ones left out. Undefined
 * where it asks for none.
 */
export function latLonOutput({ scenario, grid }: Pick<PreparedRun, 'scenario' | 'grid'>): LatLonOutput | undefined {
  const spacing = scenario.output.latitudeLongitude;
  if (spacing === undefined || grid.kind === 'plane') return undefined;
  const [columns, rows] = [Math.round(360 / spacing), Math.round(180 / spacing)];
  const boxes = globalBoxes(columns, rows);
  return {
    latitude: Float64Array.from({ length: rows }, (_, row) => boxes.south + (row + 0.5) * boxes.latitudeStep),
    longitude: Float64Array.from({ length: columns }, (_, column) => boxes.west + (column + 0.5) * boxes.longitudeStep),
    sample: samplerOnto(grid, boxCentres(boxes)),
  };
}

/** Points whose cells are looked for before others on this thread have their turn. */
const AT_ONCE = 16_384;

/** Cells in the panels laid end to end, and their weights, four a point. */
interface SampleTable {
  readonly cells: Int32Array;
  readonly weights: Float32Array;
}

async function sampleTable(grid: Grid, { longitude, latitude }: SamplePoints): Promise<SampleTable> {
  const perPanel = grid.cellsX * grid.cellsY;
  const cells = new Int32Array(4 * longitude.length);
  const weights = new Float32Array(4 * longitude.length);
  for (let from = 0; from < longitude.length; from += AT_ONCE) {
    const to = from + AT_ONCE;
    const table = bilinearTable(grid, { longitude: longitude.slice(from, to), latitude: latitude.slice(from, to) });
    cells.set(
      table.cell.map((cell, n) => table.panel[n]! * perPanel + cell),
      4 * from,
    );
    weights.set(table.weight, 4 * from);
    await setImmediate();
  }
  return { cells, weights };
}

/**
 * Samples whole frames at fixed points, a million in some 20 ms. The cells that have a value share the weight of those that
 * have none. The table is made for the first frame, which is written while the run goes on: steps do not wait for it.
 */
function samplerOnto(grid: Grid, points: SamplePoints): LatLonOutput['sample'] {
  let made: Promise<SampleTable> | undefined;
  const perPanel = grid.cellsX * grid.cellsY;
  return async (panels) => {
    made ??= sampleTable(grid, points);
    const { cells, weights } = await made;
    const make = (length: number) =>
      panels[0] instanceof Float64Array ? new Float64Array(length) : new Float32Array(length);
    const whole = make(perPanel * grid.panels);
    for (const [panel, values] of panels.entries()) whole.set(values, panel * perPanel);
    const out = make(points.longitude.length);
    for (let point = 0, n = 0; point < out.length; point++, n += 4) {
      const a = whole[cells[n]!]!;
      const value =
        a +
        weights[n + 1]! * (whole[cells[n + 1]!]! - a) +
        weights[n + 2]! * (whole[cells[n + 2]!]! - a) +
        weights[n + 3]! * (whole[cells[n + 3]!]! - a);
      out[point] = Number.isNaN(value) ? meanOfPresent(whole, cells, weights, n) : value;
    }
    return out;
  };
}

function meanOfPresent(whole: FloatArray, cells: Int32Array, weights: Float32Array, from: number): number {
  let sum = 0;
  let total = 0;
  for (let n = from; n < from + 4; n++) {
    const value = whole[cells[n]!]!;
    if (Number.isNaN(value)) continue;
    sum += weights[n]! * value;
    total += weights[n]!;
  }
  return total > 0 ? sum / total : Number.NaN;
}
