import { StoreError } from './errors.ts';
import { type Provenance, provenanceKey } from './provenance.ts';
import { layOutRun, type RunDescription, type RunLayout, TIME_CHUNK } from './run-layout.ts';
import { type StationSeries, truncateSeries } from './station-series.ts';
import type { Store } from './store.ts';
import {
  arrayMetadata,
  chunkEncoder,
  encodeJson,
  type FloatArray,
  groupMetadata,
  plainGroupMetadata,
  writeLine,
  writePlane,
  type ZarrArray,
} from './zarr-arrays.ts';
import { openRunGroup, readFloats } from './zarr-reading.ts';
import { readStations, removeLaterSamples, stationWriter } from './zarr-stations.ts';

export type { LatLonOutput, OutputGrid, RunDescription } from './run-layout.ts';

/** One row-major array of cellsY × cellsX a panel; NaN where a cell is dry or has no value. */
export type Panels = readonly FloatArray[];

/**
 * A run's Zarr store while it grows. Each write first stores chunks that no metadata mentions yet, then replaces the
 * metadata, the root's last: a process killed at any moment leaves a store that opens with the frames before.
 */
export interface RunStore {
  /** Frames that a reader sees. */
  readonly frames: number;
  /** Seconds since the start of each frame. */
  readonly times: readonly number[];
  /**
   * Appends frame `index` (the next one). A field left out, or NaN, reads as missing in this frame.
   * Throws FrameOutOfOrder, FieldMismatch, DiskFull, NotWritable.
   */
  writeFrame(index: number, seconds: number, values: Readonly<Record<string, Panels>>): Promise<void>;
  /** Writes or replaces a static field. */
  writeStatic(name: string, panels: Panels): Promise<void>;
  /** Adds what stations have recorded since. */
  writeStations(series: readonly StationSeries[]): Promise<void>;
  /** Replaces the store's provenance. */
  writeProvenance(provenance: Provenance): Promise<void>;
  /** Makes all of it survive a power cut; to be called before a checkpoint that counts on these frames. */
  flush(): Promise<void>;
}

const RELAXED = { durable: false };
const TRAILING = /\/c\.(\d+)(\.|$)/;

/** Begins a run's store. Throws RunStoreMismatch if one is there already, unless `replace`. */
export async function createRunStore(
  store: Store,
  description: RunDescription,
  options: { readonly replace?: boolean; readonly provenance?: Provenance } = {},
): Promise<RunStore> {
  if (await store.get('zarr.json')) {
    if (!options.replace) {
      throw new StoreError(
        'RunStoreMismatch',
        'the output directory holds a run already. Resume that run, choose another directory with --output, or say that it may be replaced.',
      );
    }
    // The root goes first: what is left is no store, rather than half of one.
    await store.delete('zarr.json');
  }
  // Also where there is no root: a process killed while it replaced a run leaves chunks that would show through.
  for (const key of await store.list('')) await store.delete(key);
  const { writer, commit, writeCoordinates } = runWriter(store, description, [], [], options.provenance);
  await writeCoordinates();
  await commit('all');
  return writer;
}

/**
 * Opens a run's store to go on after a resume: keeps its first `frames` frames and the stations' samples up to
 * `seconds` (the time of the checkpoint), removes what came later, and appends. The arrays end up byte for byte like
 * those of a run that never stopped. Throws RunStoreMissing, RunStoreMismatch.
 */
export async function openForAppend(
  store: Store,
  description: RunDescription,
  from: { readonly frames: number; readonly seconds: number },
): Promise<{ readonly run: RunStore; readonly stations: readonly StationSeries[] }> {
  const root = await openRunGroup(store);
  const times = [...(await readFloats(root, 'native/time'))];
  await checkLayout(store, description, times.length);
  if (from.frames > times.length) {
    throw new StoreError(
      'RunStoreMismatch',
      `the checkpoint was made after ${from.frames} frames, but the output holds ${times.length}. Resume from an earlier checkpoint, or give the output that belongs to this one.`,
    );
  }
  const stations = (await readStations(store)).map((series) => truncateSeries(series, from.seconds));
  const provenance = (root.attrs as { terrella_provenance?: Provenance }).terrella_provenance;
  const { writer, commit } = runWriter(store, description, times.slice(0, from.frames), stations, provenance);
  await commit('shrink');
  for (const group of ['native', 'latlon']) {
    for (const field of description.fields) {
      if (field.extent !== 'time') continue;
      for (const key of await store.list(`${group}/${field.name}/c.`)) {
        if (Number(TRAILING.exec(key)?.[1]) >= from.frames) await store.delete(key);
      }
    }
    for (const key of await store.list(`${group}/time/c.`)) {
      if (Number(TRAILING.exec(key)?.[1]) * TIME_CHUNK >= from.frames) await store.delete(key);
    }
  }
  await removeLaterSamples(store, stations);
  await writer.writeStations(stations);
  return { run: writer, stations };
}

/** Throws RunStoreMismatch if the store's arrays are not the ones this run would write. */
async function checkLayout(store: Store, description: RunDescription, frames: number): Promise<void> {
  const root = JSON.parse(new TextDecoder().decode(await store.get('zarr.json'))) as {
    attributes: { terrella_grid?: unknown };
    consolidated_metadata: { metadata: Record<string, unknown> };
  };
  const layout = layOutRun(description, frames);
  const refuse = (what: string): never => {
    throw new StoreError(
      'RunStoreMismatch',
      `the output was written by another run: ${what} differs. Resume with the scenario that wrote it, or choose another directory with --output.`,
    );
  };
  const same = (a: unknown, b: unknown): boolean => JSON.stringify(a) === JSON.stringify(b);
  if (!same(root.attributes.terrella_grid, layout.attributes.terrella_grid)) refuse('the grid');
  const found = root.consolidated_metadata.metadata;
  const wanted = Object.values({ ...prefixed('native', layout.native), ...prefixed('latlon', layout.latlon ?? {}) });
  for (const array of wanted) {
    if (!same(found[array.path], arrayMetadata(array))) refuse(`the array ${array.path}`);
  }
  const paths = new Set(wanted.map(({ path }) => path));
  for (const path of Object.keys(found)) {
    if (/^(native|latlon)\//.test(path) && !paths.has(path)) refuse(`the array ${path}`);
  }
}

const prefixed = (group: string, arrays: Readonly<Record<string, ZarrArray>>): Record<string, ZarrArray> =>
  Object.fromEntries(Object.entries(arrays).map(([name, array]) => [`${group}/${name}`, array]));

const metadataOf = (arrays: Readonly<Record<string, ZarrArray>>): Record<string, Record<string, unknown>> =>
  Object.fromEntries(Object.entries(arrays).map(([name, array]) => [name, arrayMetadata(array)]));

function runWriter(
  store: Store,
  description: RunDescription,
  keptTimes: readonly number[],
  keptStations: readonly StationSeries[],
  startProvenance: Provenance | undefined,
) {
  const { grid, latLon, fields } = description;
  const encoder = chunkEncoder();
  const plane = grid.kind === 'plane';
  const stations = stationWriter(store, encoder, { start: description.start, plane }, keptStations);
  const byName = new Map(fields.map((field) => [field.name, field]));
  const latLonCells = latLon ? latLon.latitude.length * latLon.longitude.length : 0;
  let times: readonly number[] = keptTimes;
  let provenance = startProvenance;
  // A write that failed halfway may have left chunks that the next try has no value for.
  let leftovers = false;

  const putJson = (key: string, value: unknown): Promise<void> => store.set(key, encodeJson(value));

  const putRoot = (layout: RunLayout): Promise<void> => {
    const members: Record<string, Record<string, unknown>> = { native: plainGroupMetadata({}) };
    const add = (arrays: Readonly<Record<string, ZarrArray>>): void => {
      for (const array of Object.values(arrays)) members[array.path] = arrayMetadata(array);
    };
    add(layout.native);
    if (layout.latlon) {
      members.latlon = plainGroupMetadata({});
      add(layout.latlon);
    }
    Object.assign(members, stations.members());
    const attributes = provenance ? { ...layout.attributes, terrella_provenance: provenance } : layout.attributes;
    return putJson('zarr.json', groupMetadata(attributes, members));
  };

  const putGroups = async (layout: RunLayout): Promise<void> => {
    await putJson('native/zarr.json', groupMetadata(layout.attributes, metadataOf(layout.native)));
    if (layout.latlon) await putJson('latlon/zarr.json', groupMetadata(layout.attributes, metadataOf(layout.latlon)));
  };

  const putArrays = async (layout: RunLayout, all: boolean): Promise<void> => {
    const arrays = [...Object.values(layout.native), ...Object.values(layout.latlon ?? {})];
    const changed = arrays.filter((array) => all || array.dimensions[0] === 'time');
    await Promise.all(changed.map((array) => putJson(`${array.path}/zarr.json`, arrayMetadata(array))));
  };

  /** `shrink` shows the shorter shapes to readers before chunks go; else the root, which names everything, comes last. */
  const commit = async (what: 'frame' | 'all' | 'shrink'): Promise<void> => {
    const layout = layOutRun(description, times.length);
    if (what === 'shrink') {
      await putRoot(layout);
      await putGroups(layout);
      await putArrays(layout, false);
      return;
    }
    if (what === 'all') await putJson('stations/zarr.json', plainGroupMetadata({}));
    await putArrays(layout, what === 'all');
    await putGroups(layout);
    await putRoot(layout);
  };

  const coordinateLayout = layOutRun(description, 0);
  const array = (group: 'native' | 'latlon', name: string): ZarrArray => coordinateLayout[group]?.[name] as ZarrArray;

  const writeCoordinates = async (): Promise<void> => {
    for (let panel = 0; panel < grid.panels; panel++) {
      const { longitude, latitude, area } = grid.geometry(panel);
      const corners = grid.corners(panel);
      const put = (name: string, values: FloatArray, extra: 0 | 1): Promise<void> => {
        const shape = { rows: grid.cellsY + extra, columns: grid.cellsX + extra };
        return writePlane(store, array('native', name), { lead: [panel], ...shape, values }, encoder, RELAXED);
      };
      await put('cell_area', area, 0);
      if (!plane) {
        await put('longitude', longitude, 0);
        await put('latitude', latitude, 0);
        await put('longitude_corner', corners.longitude, 1);
        await put('latitude_corner', corners.latitude, 1);
        continue;
      }
      const { cellsX, cellsY } = grid;
      const cornersX = corners.longitude.subarray(0, cellsX + 1);
      const cornersY = Float64Array.from(
        { length: cellsY + 1 },
        (_, j) => corners.latitude[j * (cellsX + 1)] as number,
      );
      await writeLine(store, array('native', 'x'), longitude.subarray(0, cellsX), 0, encoder, RELAXED);
      const y = Float64Array.from({ length: cellsY }, (_, j) => latitude[j * cellsX] as number);
      await writeLine(store, array('native', 'y'), y, 0, encoder, RELAXED);
      for (const [name, edges] of [['x_bounds', cornersX] as const, ['y_bounds', cornersY] as const]) {
        const rows = edges.length - 1;
        const values = Float64Array.from({ length: 2 * rows }, (_, at) => edges[(at >> 1) + (at & 1)] as number);
        await writePlane(store, array('native', name), { lead: [], rows, columns: 2, values }, encoder, RELAXED);
      }
    }
    if (latLon) {
      await writeLine(store, array('latlon', 'latitude'), latLon.latitude, 0, encoder, RELAXED);
      await writeLine(store, array('latlon', 'longitude'), latLon.longitude, 0, encoder, RELAXED);
    }
  };

  const checkPanels = (name: string, extent: 'time' | 'static', panels: Panels): void => {
    const field = byName.get(name);
    if (field?.extent !== extent) {
      const known = fields.filter((one) => one.extent === extent).map((one) => one.name);
      throw new StoreError(
        'FieldMismatch',
        `${name} is no ${extent} field of this output. Its ${extent} fields are: ${known.join(', ') || 'none'}.`,
      );
    }
    const cells = grid.cellsX * grid.cellsY;
    const wrong = panels.find((panel) => panel.length !== cells);
    if (panels.length !== grid.panels || wrong) {
      throw new StoreError(
        'FieldMismatch',
        `${name} has ${panels.length} panels${wrong ? `, one of ${wrong.length} values` : ''}; the grid has ${grid.panels} of ${cells}. Give every panel whole, without ghosts.`,
      );
    }
  };

  const writeField = async (name: string, lead: readonly number[], panels: Panels, removeEmpty: boolean) => {
    const options = { ...RELAXED, removeEmpty };
    for (let panel = 0; panel < panels.length; panel++) {
      const values = panels[panel] as FloatArray;
      const shape = { rows: grid.cellsY, columns: grid.cellsX, values };
      await writePlane(store, array('native', name), { lead: [...lead, panel], ...shape }, encoder, options);
    }
    if (!latLon) return;
    const values = await latLon.sample(panels, name);
    if (values.length !== latLonCells) {
      throw new StoreError(
        'FieldMismatch',
        `the latitude–longitude copy of ${name} has ${values.length} values instead of ${latLonCells}. Sample every latitude and longitude.`,
      );
    }
    const shape = { rows: latLon.latitude.length, columns: latLon.longitude.length, values };
    await writePlane(store, array('latlon', name), { lead, ...shape }, encoder, options);
  };

  const writer: RunStore = {
    get frames() {
      return times.length;
    },
    get times() {
      return times;
    },
    async writeFrame(index, seconds, values) {
      const last = times.at(-1) ?? Number.NEGATIVE_INFINITY;
      if (index !== times.length || !(seconds > last)) {
        throw new StoreError(
          'FrameOutOfOrder',
          `frame ${index} at ${seconds} s cannot follow ${times.length} frames up to ${last} s. Write frame ${times.length}, at a later time.`,
        );
      }
      for (const [name, panels] of Object.entries(values)) checkPanels(name, 'time', panels);
      const removeEmpty = leftovers;
      leftovers = true;
      for (const [name, panels] of Object.entries(values)) await writeField(name, [index], panels, removeEmpty);
      const longer = [...times, seconds];
      for (const group of latLon ? (['native', 'latlon'] as const) : (['native'] as const)) {
        await writeLine(store, array(group, 'time'), longer, index, encoder, RELAXED);
      }
      const before = times;
      times = longer;
      try {
        await commit('frame');
      } catch (error) {
        times = before;
        throw error;
      }
      leftovers = false;
    },
    async writeStatic(name, panels) {
      checkPanels(name, 'static', panels);
      await writeField(name, [], panels, true);
    },
    async writeStations(series) {
      await stations.write(series);
      await putRoot(layOutRun(description, times.length));
    },
    async writeProvenance(next) {
      provenance = next;
      await putJson(provenanceKey, next);
      await putRoot(layOutRun(description, times.length));
    },
    flush: () => store.flush(),
  };
  return { writer, commit, writeCoordinates };
}
