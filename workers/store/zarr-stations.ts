import * as zarr from 'zarrita';
import { FILL_VALUE_NAN, LATITUDE, LONGITUDE, PLANE_X, PLANE_Y, timeAttributes } from './cf-metadata.ts';
import { StoreError } from './errors.ts';
import { checkSeries, type StationSeries, type StationVariable } from './station-series.ts';
import type { Store } from './store.ts';
import {
  arrayMetadata,
  type ChunkEncoder,
  encodeJson,
  groupMetadata,
  plainGroupMetadata,
  writeLine,
  type ZarrArray,
} from './zarr-arrays.ts';
import { listMembers, openRunGroup, readFloats } from './zarr-reading.ts';

/**
 * Stations in a run's store: a group each, `stations/<id>`, with its own time, so that cadences may differ and
 * `xarray.open_zarr(run, group='stations/21413')` is a plain time series (CF discrete sampling geometry, timeSeries).
 */
const SAMPLES_A_CHUNK = 4096;

const ID = /^[A-Za-z0-9][A-Za-z0-9._-]*$/;

function stationArrays(series: StationSeries, start: Date, plane: boolean): Record<string, ZarrArray> {
  const path = `stations/${series.station.id}`;
  const array = (name: string, attributes: Record<string, unknown>): ZarrArray => ({
    path: `${path}/${name}`,
    shape: [series.seconds.length],
    chunkShape: [SAMPLES_A_CHUNK],
    dataType: 'float64',
    dimensions: ['time'],
    attributes,
  });
  const place = (name: string, attributes: Readonly<Record<string, unknown>>): ZarrArray => ({
    path: `${path}/${name}`,
    shape: [],
    chunkShape: [],
    dataType: 'float64',
    dimensions: [],
    attributes,
  });
  const [east, north] = plane ? ['x', 'y'] : ['longitude', 'latitude'];
  const arrays: Record<string, ZarrArray> = {
    time: array('time', timeAttributes(start)),
    [east as string]: place(east as string, plane ? PLANE_X : LONGITUDE),
    [north as string]: place(north as string, plane ? PLANE_Y : LATITUDE),
  };
  for (const variable of series.variables) {
    arrays[variable.name] = array(variable.name, {
      ...(variable.standardName === undefined ? {} : { standard_name: variable.standardName }),
      long_name: variable.longName,
      units: variable.units,
      coordinates: `${east} ${north}`,
      _FillValue: FILL_VALUE_NAN,
    });
  }
  return arrays;
}

const stationAttributes = ({ station, variables }: StationSeries): Record<string, unknown> => ({
  featureType: 'timeSeries',
  station_id: station.id,
  station_name: station.name,
  terrella_variables: variables.map(({ name }) => name),
});

export interface StationWriter {
  /** Adds the samples that a record has more than the store. Throws SeriesInvalid, DiskFull, NotWritable. */
  write(series: readonly StationSeries[]): Promise<void>;
  /** Metadata of every station's nodes by path from the root, for the groups above. */
  members(): Record<string, Record<string, unknown>>;
}

/** Writes stations. `kept`: the records of a run that goes on; the first write stores them anew. */
export function stationWriter(
  store: Store,
  encoder: ChunkEncoder,
  { start, plane }: { readonly start: Date; readonly plane: boolean },
  kept: readonly StationSeries[] = [],
): StationWriter {
  const written = new Map<string, number>();
  const members: Record<string, Record<string, unknown>> = { stations: plainGroupMetadata({}) };
  const remember = (series: StationSeries): Record<string, Record<string, unknown>> => {
    const own = Object.fromEntries(
      Object.entries(stationArrays(series, start, plane)).map(([name, array]) => [name, arrayMetadata(array)]),
    );
    const path = `stations/${series.station.id}`;
    members[path] = plainGroupMetadata(stationAttributes(series));
    for (const [name, metadata] of Object.entries(own)) members[`${path}/${name}`] = metadata;
    return own;
  };
  for (const series of kept) remember(series);
  return {
    members: () => ({ ...members }),
    async write(list) {
      for (const series of list) {
        const { station, seconds, values } = series;
        if (!ID.test(station.id)) {
          throw new StoreError(
            'SeriesInvalid',
            `"${station.id}" cannot name a station's group. Use letters, digits, points, dashes and underscores.`,
          );
        }
        checkSeries(series);
        const from = written.get(station.id) ?? -1;
        if (from === seconds.length) continue;
        if (from > seconds.length) {
          throw new StoreError(
            'SeriesInvalid',
            `station ${station.id}: the store has ${from} samples, the record only ${seconds.length}. Go on with the record that the store holds.`,
          );
        }
        const arrays = stationArrays(series, start, plane);
        const relaxed = { durable: false };
        for (const [name, array] of Object.entries(arrays)) {
          if (array.shape.length === 0) {
            const place = name === 'x' || name === 'longitude' ? station.longitude : station.latitude;
            const bytes = await encoder.encode(array, Float64Array.of(place));
            if (bytes) await store.set(`${array.path}/c`, bytes, relaxed);
          } else {
            const column = name === 'time' ? seconds : (values[name] as readonly number[]);
            await writeLine(store, array, column, Math.max(from, 0), encoder, relaxed);
          }
        }
        const own = remember(series);
        for (const [name, metadata] of Object.entries(own)) {
          await store.set(`stations/${station.id}/${name}/zarr.json`, encodeJson(metadata));
        }
        await store.set(`stations/${station.id}/zarr.json`, encodeJson(groupMetadata(stationAttributes(series), own)));
        written.set(station.id, seconds.length);
      }
    },
  };
}

/** The stations' records that a run's store holds. Throws RunStoreMissing. */
export async function readStations(store: Store): Promise<readonly StationSeries[]> {
  const root = await openRunGroup(store);
  const ids = await listMembers(store, 'stations');
  const found: StationSeries[] = [];
  for (const id of ids) {
    const path = `stations/${id}`;
    const group = await zarr.open.v3(root.resolve(path), { kind: 'group' });
    const attributes = group.attrs as { station_name: string; terrella_variables: readonly string[] };
    const names = await listMembers(store, path);
    const place = async (...either: string[]): Promise<number> => {
      const name = either.find((candidate) => names.includes(candidate)) as string;
      return (await readFloats(root, `${path}/${name}`))[0] as number;
    };
    const variables: StationVariable[] = [];
    const values: Record<string, readonly number[]> = {};
    for (const name of attributes.terrella_variables) {
      const array = await zarr.open.v3(root.resolve(`${path}/${name}`), { kind: 'array' });
      const { long_name, standard_name, units } = array.attrs as Record<string, string>;
      variables.push({
        name,
        longName: long_name as string,
        ...(standard_name === undefined ? {} : { standardName: standard_name }),
        units: units as string,
      });
      values[name] = [...(await readFloats(root, `${path}/${name}`))];
    }
    found.push({
      station: {
        id,
        name: attributes.station_name,
        longitude: await place('longitude', 'x'),
        latitude: await place('latitude', 'y'),
      },
      variables,
      seconds: [...(await readFloats(root, `${path}/time`))],
      values,
    });
  }
  return found;
}

/** Removes the chunks beyond the end of each record. */
export async function removeLaterSamples(store: Store, kept: readonly StationSeries[]): Promise<void> {
  for (const { station, variables, seconds: times } of kept) {
    const chunks = Math.ceil(times.length / SAMPLES_A_CHUNK);
    for (const name of ['time', ...variables.map((variable) => variable.name)]) {
      const path = `stations/${station.id}/${name}`;
      for (const key of await store.list(`${path}/c.`)) {
        const index = Number(key.slice(`${path}/c.`.length));
        if (index >= chunks) await store.delete(key);
      }
    }
  }
}
