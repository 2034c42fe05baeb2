import { rmSync } from 'node:fs';
import h5wasm from 'h5wasm/node';
import type { ElevationGrid } from './elevation-grid.ts';

/** Rows and columns of a compressed chunk. */
const CHUNK = 256;

/**
 * Writes a grid as a CF-1.11 NetCDF-4 file that ncdump, xarray and `readElevation` open: variable z [m] over (lat, lon),
 * deflated. An existing file is replaced.
 */
export async function writeElevation(
  path: string,
  grid: ElevationGrid,
  attributes: Readonly<Record<string, string>>,
): Promise<void> {
  await h5wasm.ready;
  rmSync(path, { force: true });
  const file = new h5wasm.File(path, 'w');
  try {
    const described = { Conventions: 'CF-1.11', ...attributes };
    for (const [name, text] of Object.entries(described)) file.create_attribute(name, text);
    file.create_attribute('node_offset', Int32Array.of(grid.registration === 'cell' ? 1 : 0), [1]);
    const axes = [
      ['lat', 'degrees_north', 'latitude', grid.latitude0, grid.spacingLatitude, grid.rows],
      ['lon', 'degrees_east', 'longitude', grid.longitude0, grid.spacingLongitude, grid.columns],
    ] as const;
    for (const [name, units, standardName, first, spacing, count] of axes) {
      const data = Float64Array.from({ length: count }, (_, k) => first + k * spacing);
      const coordinate = file.create_dataset({ name, data });
      coordinate.create_attribute('units', units);
      coordinate.create_attribute('standard_name', standardName);
      coordinate.make_scale(name);
    }
    const z = file.create_dataset({
      name: 'z',
      data: grid.elevation,
      shape: [grid.rows, grid.columns],
      dtype: grid.elevation instanceof Int16Array ? '<h' : '<f',
      chunks: [Math.min(CHUNK, grid.rows), Math.min(CHUNK, grid.columns)],
      compression: 'gzip',
      compression_opts: [9],
    });
    z.create_attribute('units', 'm');
    z.create_attribute('standard_name', 'height_above_mean_sea_level');
    if (grid.missing !== undefined) z.create_attribute('_FillValue', Int16Array.of(grid.missing), [1]);
    z.attach_scale(0, 'lat');
    z.attach_scale(1, 'lon');
  } finally {
    file.close();
  }
}
