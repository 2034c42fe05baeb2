import { bilinearTable, sampleBilinear } from '../../engine/grid/bilinear.ts';
import { boxCentres, globalBoxes } from '../../engine/grid/latitude-longitude.ts';
import type { LatLonOutput } from '../store/zarr-output.ts';
import type { PreparedRun } from './prepare.ts';

/**
 * The regular latitude–longitude copy that the scenario asks for: bilinear between cells, dry ones left out. Undefined
 * where it asks for none.
 */
export function latLonOutput({ scenario, grid }: Pick<PreparedRun, 'scenario' | 'grid'>): LatLonOutput | undefined {
  const spacing = scenario.output.latitudeLongitude;
  if (spacing === undefined || grid.kind === 'plane') return undefined;
  const [columns, rows] = [Math.round(360 / spacing), Math.round(180 / spacing)];
  const boxes = globalBoxes(columns, rows);
  const table = bilinearTable(grid, boxCentres(boxes));
  return {
    latitude: Float64Array.from({ length: rows }, (_, row) => boxes.south + (row + 0.5) * boxes.latitudeStep),
    longitude: Float64Array.from({ length: columns }, (_, column) => boxes.west + (column + 0.5) * boxes.longitudeStep),
    sample: (panels) => {
      const out = panels[0] instanceof Float64Array ? new Float64Array(table.points) : new Float32Array(table.points);
      return sampleBilinear(table, panels, out, { skipMissing: true });
    },
  };
}
