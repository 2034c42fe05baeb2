import type * as zarr from 'zarrita';
import type { Grid } from '../../engine/grid/grid.ts';
import type { Series } from '../protocol/viewing.ts';
import type { Store } from '../store/store.ts';
import { listMembers, openFloats, openRunGroup, readFloats } from '../store/zarr-reading.ts';
import type { Panels } from './coarsen.ts';
import type { ProbeCells } from './probe-cells.ts';

type Shape = Pick<Grid, 'panels' | 'cellsX' | 'cellsY'>;

/** The fields that a run's store holds on the panels of its grid. */
export interface StoredFields {
  readonly names: readonly string[];
  /** Seconds of the frames. */
  readonly times: readonly number[];
  isInTime(name: string): boolean;
  /** One frame, or a field that is there once. */
  read(name: string, frame?: number): Promise<Panels>;
  /** A field at a place in every frame from the first one asked for, from the chunks that hold it. */
  series(name: string, cells: ProbeCells, first?: number): Promise<Series>;
}

const COORDINATE = /^(time|x|y|x_bounds|y_bounds|longitude|latitude|longitude_corner|latitude_corner|cell_area)$/;

/** Reads a store as it is now; one that a run still writes is to be opened anew. Throws RunStoreMissing. */
export async function openStoredFields(store: Store, shape: Shape): Promise<StoredFields> {
  const group = await openRunGroup(store);
  const names = (await listMembers(store, 'native')).filter((name) => !COORDINATE.test(name));
  const times = Array.from(await readFloats(group, 'native/time'));
  const arrays = new Map<string, zarr.Array<'float32' | 'float64', zarr.AsyncReadable>>();
  for (const name of names) arrays.set(name, await openFloats(group, `native/${name}`));
  const isInTime = (name: string) => arrays.get(name)?.dimensionNames?.[0] === 'time';
  const lead = (frame: number | undefined) => (frame === undefined ? [] : [frame]);

  /** Values of some cells, each chunk read once. */
  const valuesAt = async (name: string, { cells }: ProbeCells, frame: number | undefined): Promise<number[]> => {
    const array = arrays.get(name)!;
    const [tileY, tileX] = array.chunks.slice(-2) as [number, number];
    const chunks = new Map<string, ReturnType<typeof array.getChunk>>();
    return Promise.all(
      cells.map(async ({ panel, i, j }) => {
        const at = [...lead(frame), panel, Math.floor(j / tileY), Math.floor(i / tileX)];
        const key = at.join();
        const reading = chunks.get(key) ?? array.getChunk(at);
        chunks.set(key, reading);
        const { data } = await reading;
        return data[(j % tileY) * tileX + (i % tileX)]!;
      }),
    );
  };

  return {
    names,
    times,
    isInTime,
    async read(name, frame) {
      const panels: (Float32Array | Float64Array)[] = [];
      for (let panel = 0; panel < shape.panels; panel++)
        panels.push(await readFloats(group, `native/${name}`, [...lead(frame), panel, null, null]));
      return panels;
    },
    async series(name, cells, first = 0) {
      const [seconds, values]: [number[], number[]] = [[], []];
      const frames = isInTime(name) ? [...times.keys()].slice(first) : [undefined];
      for (const frame of frames) {
        const found = await valuesAt(name, cells, frame);
        let [sum, weights] = [0, 0];
        found.forEach((value, k) => {
          if (Number.isNaN(value)) return;
          sum += cells.cells[k]!.weight * value;
          weights += cells.cells[k]!.weight;
        });
        // Dry, or a frame that other fields are due in.
        if (weights === 0) continue;
        seconds.push(frame === undefined ? 0 : times[frame]!);
        values.push(sum / weights);
      }
      return { seconds, values };
    },
  };
}
