import { SIDES } from '../engine/models/open-sides.ts';
import { DEFAULT_RIGIDITY } from '../engine/sources/moment.ts';
import { REFERENCE_POINTS, type Subfault } from '../engine/sources/subfault.ts';
import {
  type Block,
  block,
  byForm,
  checked,
  defaulting,
  itemsOf,
  type Key,
  type Keys,
  nameIn,
  oneOf,
  optional,
  partOf,
  placeOf,
  present,
  required,
  turned,
} from './blocks.ts';
import { choice, type Field, inside, list, number, quantity, type Reading, text, truth, wrong } from './fields.ts';
import type {
  EarthquakeSource,
  GaussianSource,
  IncidentWaveSource,
  SolitaryWaveSource,
  Source,
  SurfaceSource,
} from './scenario.ts';
import { path } from './schema-grid.ts';
import type { LocatedMap } from './source-tree.ts';
import { parseQuantity } from './units.ts';

export const longitude: Field<number> = turned(quantity('angle', { least: -180, most: 360 }), (value) =>
  value > 180 ? value - 360 : value,
);
export const latitude: Field<number> = quantity('angle', { least: -90, most: 90 });

/** Keys of a position; which pair counts follows from the grid. */
export const POSITION = {
  longitude: optional(longitude, 'degrees east'),
  latitude: optional(latitude, 'degrees north'),
  x: optional(quantity('length'), 'on a plane, e.g. 12 m'),
  y: optional(quantity('length'), 'on a plane, e.g. 3 m'),
} satisfies Record<string, Key<number | undefined>>;

export interface Position {
  readonly longitude: number;
  readonly latitude: number;
}

const GEOGRAPHIC = ['longitude', 'latitude'] as const;
const CARTESIAN = ['x', 'y'] as const;
export const POSITION_KEYS = [...GEOGRAPHIC, ...CARTESIAN] as const;

/** Reports what is missing of a position, and what belongs to the other kind of grid. */
export function checkPosition(node: LocatedMap, at: Reading): void {
  const [own, others] = at.plane ? [CARTESIAN, GEOGRAPHIC] : [GEOGRAPHIC, CARTESIAN];
  const rule = `positions ${at.plane ? 'on a plane' : 'on the sphere'} are ${own.join(' and ')}`;
  const strange = present(node, others);
  for (const key of strange)
    wrong(
      inside(at, key),
      placeOf(node, key),
      `${key} has no meaning here`,
      `${rule}: write ${own[others.indexOf(key as never)]}`,
    );
  const missing = own.filter((key) => !present(node, own).includes(key as never));
  if (missing.length > 0 && strange.length === 0)
    wrong(
      at,
      node.place,
      `${missing.join(' and ')} ${missing.length > 1 ? 'are' : 'is'} missing`,
      `${rule}: add ${missing.join(' and ')}`,
    );
}

interface Written {
  readonly longitude: number | undefined;
  readonly latitude: number | undefined;
  readonly x: number | undefined;
  readonly y: number | undefined;
}

/** The position that is stated, if any; on a plane x and y take the names of longitude and latitude. */
export function positionOf({ longitude: east, latitude: north, x, y }: Written): Position | undefined {
  const first = east ?? x;
  const second = north ?? y;
  return first === undefined || second === undefined ? undefined : { longitude: first, latitude: second };
}

/** A block with a position beside its own keys. */
export function placed<const K extends Keys>(keys: K): Field<Block<K> & Position> {
  const whole = checked(block({ ...POSITION, ...keys }), checkPosition) as Field<Block<K> & Written>;
  return turned(whole, (value) => {
    const { longitude: _1, latitude: _2, x: _3, y: _4, ...rest } = value;
    return { ...(rest as unknown as Block<K>), ...positionOf(value)! };
  });
}

const length = quantity('length', { above: 0 });
const begin = defaulting(quantity('time', { least: 0 }), 0, 'when it begins, after the start of the run');

const subfault = block({
  longitude: required(longitude, 'degrees east, of the reference point'),
  latitude: required(latitude, 'degrees north, of the reference point'),
  depth: required(quantity('length', { least: 0 }), 'of the reference point, e.g. 35 km'),
  length: required(length, 'along strike, e.g. 450 km'),
  width: required(length, 'down dip, e.g. 100 km'),
  strike: required(quantity('angle', { least: -360, most: 360 }), 'degrees clockwise from north'),
  dip: required(quantity('angle', { least: 0, most: 90 }), 'degrees below the horizontal'),
  rake: required(quantity('angle', { least: -360, most: 360 }), 'degrees; 90 is a pure thrust'),
  slip: required(quantity('length', { least: 0 }), 'e.g. 15 m'),
  reference: defaulting(
    choice(...REFERENCE_POINTS),
    'top-centre',
    'the point that longitude, latitude and depth are of',
  ),
  rigidity: optional(quantity('pressure', { above: 0 }), 'of the rock, e.g. 40 GPa; that of the source unless told'),
  begin: defaulting(quantity('time', { least: 0 }), 0, 'when it breaks, after the rupture begins'),
  rise: defaulting(quantity('time', { least: 0 }), 0, 'time that the slip takes'),
});

type WrittenSubfault = Exclude<ReturnType<(typeof subfault)['read']>, undefined>;

/** Subfaults in the engine's form, named by their place in the list. */
const asSubfaults = (written: readonly WrittenSubfault[]): EarthquakeSource['faults'] => ({
  kind: 'inline',
  subfaults: written.map(({ slip, begin: start, rise, rigidity, ...geometry }, index): Subfault => {
    const named = { name: `${index + 1}`, ...geometry, slip: [{ start, rise, slip }] };
    return rigidity === undefined ? named : { ...named, rigidity };
  }),
});

const faults: Field<EarthquakeSource['faults']> = byForm<EarthquakeSource['faults']>(
  {
    scalar: turned(path, (file) => ({ kind: 'file', file }) as const),
    list: turned(list(subfault, 1), asSubfaults),
    map: turned(subfault, (one) => asSubfaults([one])),
  },
  'write the path of a fault table, or a list of subfaults',
);

const earthquake: Field<EarthquakeSource> = turned(
  checked(
    block({
      faults: required(faults, 'path of a fault table, or subfaults'),
      magnitude: optional(number({ least: 4, most: 10 }), 'moment magnitude as published, to check the slip against'),
      horizontal: defaulting(
        truth,
        true,
        'whether horizontal motion of a sloping bed lifts water (Tanioka & Satake 1996)',
      ),
      scale: defaulting(number({ least: -100, most: 100 }), 1, 'all slip is multiplied by this'),
      begin,
      rigidity: defaulting(
        quantity('pressure', { above: 0 }),
        DEFAULT_RIGIDITY,
        'of the rock, for subfaults that state none',
      ),
      maximumSlip: defaulting(length, 60, 'slip beyond this is taken for a mistake'),
    }),
    (node, at) => {
      const cure = 'write a gaussian or surface source, or a grid of cells on the sphere';
      if (at.plane)
        wrong(
          at,
          node.place,
          'an earthquake lies at longitudes and latitudes, and this grid is a plane in metres',
          cure,
        );
    },
  ),
  (value): EarthquakeSource => ({ type: 'earthquake', ...value }),
);

const gaussian: Field<GaussianSource> = turned(
  placed({
    height: required(quantity('length'), 'at the centre, e.g. 2 m'),
    radius: required(length, 'standard deviation: the height falls as exp(−distance² / 2 radius²), e.g. 100 km'),
    begin,
  }),
  (value): GaussianSource => ({ type: 'gaussian', ...value }),
);

/** Units of a displacement file, as a factor to metres. */
const lengthUnit: Field<number> = {
  json: { type: 'string', examples: ['m', 'cm'] },
  read: (node, at) => {
    const parsed = parseQuantity(`1 ${node.kind === 'scalar' ? node.text : ''}`, 'length');
    return parsed.ok ? parsed.value : wrong(at, node.place, 'this is no unit of length', 'write m, cm or mm');
  },
};

const surface: Field<SurfaceSource> = turned(
  block({
    file: required(path, 'path of a NetCDF file of the displacement of the surface'),
    variable: optional(text(), 'variable of the file; found by its role unless told'),
    units: defaulting(lengthUnit, 1, 'unit of its numbers, e.g. cm'),
    begin,
  }),
  ({ units, ...rest }): SurfaceSource => ({ type: 'surface', factor: units, ...rest }),
);

const solitaryWave: Field<SolitaryWaveSource> = turned(
  checked(
    block({
      height: required(length, 'of the crest, e.g. 2 cm'),
      position: required(quantity('length'), 'of the crest at the start, x, e.g. 10 m'),
      depth: required(length, 'of the water that it runs in, e.g. 1 m'),
      heading: defaulting(choice('east', 'west'), 'east', 'where it runs'),
    }),
    (node, at) => {
      const cure = 'add kind: plane to the grid, or write a gaussian source';
      if (!at.plane) wrong(at, node.place, 'a solitary wave runs on a plane, and this grid is a sphere', cure);
    },
  ),
  (value): SolitaryWaveSource => ({ type: 'solitary-wave', ...value }),
);

const incidentWave: Field<IncidentWaveSource> = turned(
  checked(
    block({
      side: required(choice(...SIDES), 'where it comes in; one of grid.boundary.open'),
      file: optional(path, 'path of its record (CSV: seconds after the start, metres above still water)'),
      delay: optional(quantity('time'), 'the record comes this much later, e.g. 2 s'),
      scale: optional(number({ least: -100, most: 100 }), 'all heights of the record are multiplied by this'),
      solitary: optional(
        block({
          height: required(length, 'of the crest, e.g. 2 cm'),
          depth: required(length, 'of the water that it runs in, e.g. 1 m'),
          crest: required(quantity('time'), 'when the crest comes in, after the start, e.g. 8 s'),
        }),
        'a solitary wave, in place of a record',
      ),
    }),
    (node, at) => {
      if (!at.plane)
        wrong(
          at,
          node.place,
          'waves come in through the side of a plane, and this grid is a sphere',
          'add kind: plane to the grid, or write a gaussian source',
        );
      const given = present(node, ['file', 'solitary']);
      if (given.length !== 1)
        wrong(
          at,
          node.place,
          given.length === 0 ? 'no wave is described' : 'file and solitary describe two waves',
          'write file: the path of a CSV of seconds and metres, or solitary: { height: …, depth: …, crest: … }',
        );
      const [stray] = present(node, ['delay', 'scale']);
      if (stray !== undefined && given.includes('solitary'))
        wrong(
          inside(at, stray),
          placeOf(node, stray),
          `${stray} changes a record, and this wave has none`,
          stray === 'delay' ? 'write a later crest' : 'write another height',
        );
    },
  ),
  ({ side, file, delay = 0, scale = 1, solitary }): IncidentWaveSource => ({
    type: 'incident-wave',
    side,
    wave: solitary ? { kind: 'solitary', ...solitary } : { kind: 'record', file: file!, delay, scale },
  }),
);

export const source: Field<Source> = oneOf<Source>('type', {
  earthquake,
  gaussian,
  surface,
  'solitary-wave': solitaryWave,
  'incident-wave': incidentWave,
});

/** Waves come in through open sides, one through each. */
export function checkIncidentWaves(scenario: LocatedMap, at: Reading): void {
  const open = itemsOf(partOf(scenario, 'grid', 'boundary', 'open')).map((one) =>
    one.kind === 'scalar' ? one.text.trim() : '',
  );
  const taken = new Set<string>();
  for (const [index, one] of itemsOf(partOf(scenario, 'sources')).entries()) {
    const side = nameIn(one, ['side']);
    const word = side?.text.trim();
    if (nameIn(one, ['type'])?.text.trim() !== 'incident-wave' || !SIDES.some((known) => known === word)) continue;
    const here = inside(at, `sources[${index}].side`);
    if (!open.includes(word!)) {
      const cure = `add open: [${[...open, word].join(', ')}] to grid.boundary`;
      wrong(here, side!.place, `a wave comes in at the ${word} side, and that is closed`, cure);
    } else if (taken.has(word!))
      wrong(here, side!.place, `two waves come in at the ${word} side`, 'join the two in one record');
    taken.add(word!);
  }
}
