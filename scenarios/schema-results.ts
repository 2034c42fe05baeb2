import {
  block,
  checked,
  defaulting,
  distinct,
  optional,
  partOf,
  placeOf,
  present,
  required,
  turned,
} from './blocks.ts';
import { choice, type Field, inside, list, number, quantity, text, wrong } from './fields.ts';
import { parseMetric } from './metrics.ts';
import {
  type Expectation,
  type ObservationSettings,
  OUTPUT_FIELDS,
  type OutputSettings,
  type StationSettings,
  TRACER_NAME,
} from './scenario.ts';
import { path } from './schema-grid.ts';
import { checkPosition, POSITION, POSITION_KEYS, placed, positionOf } from './schema-sources.ts';
import type { Located } from './source-tree.ts';

const label = text({
  // biome-ignore lint/suspicious/noControlCharactersInRegex: they are what is kept out
  pattern: /^[^\u0000-\u001f\u007f-\u009f]{1,80}$/,
  hint: 'write a name of at most 80 characters, without control characters',
});
/** Shorter than any step; what is due is looked for interval by interval. */
const interval = quantity('time', { least: 1e-3 });

const dartId = text({ pattern: /^\d{5}$/, hint: "write the five digits of a DART station, e.g. '21413'" });

const writtenObservation = checked(
  block({
    dart: optional(dartId, "a DART station, e.g. '21413'"),
    station: optional(label, 'name of another station'),
    ...POSITION,
    file: optional(path, 'path of its record (CSV: seconds after the start, metres)'),
    role: defaulting(choice('verify', 'show'), 'verify', 'whether the result is scored against it'),
    mask: defaulting(quantity('time', { least: 0 }), 0, 'records before are not scored: seismic waves, e.g. 30 min'),
  }),
  (node, at) => {
    const own = present(node, ['dart', 'station']);
    if (own.length !== 1) {
      const cure = "write dart: '21413', or station: NAME with a position and a file";
      wrong(
        at,
        node.place,
        own.length === 0 ? 'neither dart nor station is stated' : 'both dart and station are stated',
        cure,
      );
    }
    if (own.includes('station') && present(node, ['file']).length === 0)
      wrong(
        at,
        node.place,
        'the record of the station is not named',
        'add file: the path of a CSV of seconds and metres',
      );
    if (own.includes('station') || present(node, POSITION_KEYS).length > 0) checkPosition(node, at);
  },
);

/** A DART station needs no position and no file: the library knows its mooring, and its record by the day of the run. */
export const observation: Field<ObservationSettings> = turned(writtenObservation, (value, node, at) => {
  const { dart, station: called, role, mask } = value;
  const stated = positionOf(value);
  if (dart === undefined) return { name: called!, kind: 'station', ...stated!, file: value.file!, role, mask };
  const here = inside(at, 'dart');
  const place = placeOf(node, 'dart');
  // Without a start, which is reported elsewhere, only the station can be looked for.
  const start = at.start ?? '';
  const found = stated ? { ok: true as const, ...stated } : at.dart(dart, Date.parse(start));
  if (!found.ok) return wrong(here, place, `where DART ${dart} is moored is not known`, found.cure);
  if (value.file === undefined && start === '') return undefined;
  const file = value.file ?? at.libraryFile(`data/dart/${dart}-${start.slice(0, 10)}.csv`, place, here.path);
  return { name: dart, kind: 'dart', longitude: found.longitude, latitude: found.latitude, file, role, mask };
});

const station: Field<StationSettings> = placed({
  name: required(label, 'a name'),
  every: defaulting(interval, 60, 'interval of its time series, e.g. 1 min'),
});

/** A field of the model, or one of the scenario's own tracers. */
const fieldName: Field<string> = {
  json: { anyOf: [{ enum: OUTPUT_FIELDS }, { type: 'string', pattern: TRACER_NAME.source }] },
  read: (node, at) => choice<string>(...OUTPUT_FIELDS, ...at.tracers).read(node, at),
};

export const output: Field<OutputSettings> = checked(
  block({
    fields: defaulting(
      list(
        block({
          name: required(fieldName, 'CF standard name, running extreme, or a tracer of the scenario'),
          every: optional(interval, 'interval, e.g. 5 min; once at the end unless told'),
        }),
      ),
      [],
      'fields to write',
    ),
    stations: defaulting(list(station), [], 'places where a time series is kept'),
    format: defaulting(choice('zarr', 'none'), 'zarr', 'Zarr v3, or nothing'),
    latitudeLongitude: optional(
      quantity('angle', { least: 0.01, most: 30 }),
      'spacing of a latitude–longitude copy, e.g. 0.25 or 15′',
    ),
    checkpoints: defaulting(
      block({
        every: optional(interval, 'simulated time between checkpoints, e.g. 30 min'),
        keep: defaulting(number({ least: 1, most: 1000 }, true), 3, 'the last good ones are kept'),
      }),
      { every: undefined, keep: 3 },
      'states to resume from',
    ),
  }),
  (node, at) => {
    distinct(partOf(node, 'fields'), ['name'], inside(at, 'fields'));
    distinct(partOf(node, 'stations'), ['name'], inside(at, 'stations'));
  },
);

const bound: Field<Located> = { json: { anyOf: [{ type: 'number' }, { type: 'string' }] }, read: (node) => node };
export const expectation: Field<Expectation> = turned(
  block({
    metric: required(text(), 'e.g. mass.relativeDrift, maximumAmplitude, stations.21413.firstPeak'),
    below: optional(bound, 'strictly less than this'),
    above: optional(bound, 'strictly more than this'),
    equals: optional(bound, 'exactly this'),
    between: optional(
      { json: { type: 'array', items: bound.json, minItems: 2, maxItems: 2 }, read: (node) => node } as Field<Located>,
      '[least, most]',
    ),
  }),
  ({ metric, ...bounds }, node, at): Expectation | undefined => {
    const meaning = parseMetric(metric);
    if (!meaning.ok)
      return wrong({ ...at, path: `${at.path}.metric` }, placeOf(node, 'metric'), meaning.message, meaning.cure);
    const kinds = (['below', 'above', 'equals', 'between'] as const).filter((kind) => bounds[kind] !== undefined);
    const [kind] = kinds;
    if (kind === undefined || kinds.length > 1)
      return wrong(
        at,
        node.place,
        kinds.length === 0 ? 'no bound is stated' : `${kinds.join(' and ')} are stated together`,
        'write one of below, above, equals, or between: [least, most]',
      );
    const value = quantity(meaning.dimension);
    const here = { ...at, path: `${at.path}.${kind}` };
    if (kind !== 'between') {
      const read = value.read(bounds[kind]!, here);
      return read === undefined ? undefined : { metric, kind, value: read };
    }
    const both = list(value, 2).read(bounds.between!, here);
    if (!both) return undefined;
    const [low, high] = both as [number, number];
    if (both.length !== 2 || low > high)
      return wrong(
        here,
        placeOf(node, 'between'),
        'between is no pair of bounds, the lower first',
        'write between: [least, most]',
      );
    return { metric, kind, low, high };
  },
);
