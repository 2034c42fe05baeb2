import { sparkline } from '../plot/sparkline.ts';
import { SEA_SURFACE_HEIGHT } from '../store/station-series.ts';
import { readStations } from '../store/zarr-stations.ts';
import { openOutput, type RunDirectory } from './run-directory.ts';

/** A line for each station: its name, its record, and the range of its heights. */
export async function sparklines(run: RunDirectory): Promise<string> {
  const store = await openOutput(run);
  const series = store ? await readStations(store) : [];
  const width = Math.max(20, Math.min(60, (process.stdout.columns ?? 80) - 40));
  const room = Math.max(...series.map(({ station }) => [...station.name].length));
  return series
    .map(({ station, values }) => {
      const heights = values[SEA_SURFACE_HEIGHT.name]!;
      const finite = heights.filter(Number.isFinite);
      const range =
        finite.length === 0 ? 'dry' : `${Math.min(...finite).toFixed(2)} … ${Math.max(...finite).toFixed(2)} m`;
      return `${station.name.padEnd(room)} ${sparkline(heights, width)} ${range}`;
    })
    .join('\n');
}
