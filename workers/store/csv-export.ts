import { join } from 'node:path';
import * as zarr from 'zarrita';
import { startOfUnits } from './cf-metadata.ts';
import { openFileStore } from './file-store.ts';
import { stationCsv } from './station-series.ts';
import { openRunGroup } from './zarr-reading.ts';
import { readStations } from './zarr-stations.ts';

/**
 * Writes each station of a run's store as `<id>.csv` into a directory; returns the paths, none where the run has no
 * stations. Throws RunStoreMissing, DiskFull, NotWritable.
 */
export async function exportStationsCsv(runDirectory: string, outDirectory: string): Promise<readonly string[]> {
  const store = await openFileStore(runDirectory, { readOnly: true });
  const root = await openRunGroup(store);
  const plane = (root.attrs as { terrella_grid: { kind: string } }).terrella_grid.kind === 'plane';
  const time = await zarr.open.v3(root.resolve('native/time'), { kind: 'array' });
  const start = startOfUnits(time.attrs.units as string);
  const out = await openFileStore(outDirectory);
  const paths: string[] = [];
  for (const series of await readStations(store)) {
    const key = `${series.station.id}.csv`;
    await out.set(key, new TextEncoder().encode(stationCsv(series, start, plane)));
    paths.push(join(outDirectory, key));
  }
  return paths;
}
