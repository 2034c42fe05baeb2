import {
  block,
  checked,
  defaulting,
  distinct,
  itemsOf,
  nameIn,
  namesIn,
  optional,
  partOf,
  placeOf,
  present,
  quietly,
  required,
  turned,
} from './blocks.ts';
import {
  choice,
  type Field,
  inside,
  type JsonSchema,
  list,
  number,
  quantity,
  type Reading,
  text,
  truth,
  utc,
  wrong,
} from './fields.ts';
import { parseMetric } from './metrics.ts';
import { nearest, type Place } from './problems.ts';
import {
  AIR_FIELDS,
  OCEAN_FIELDS,
  OUTPUT_FIELDS,
  type OutputSettings,
  type Scenario,
  type TimeSettings,
  TRACER_FIELDS,
} from './scenario.ts';
import { grid, path } from './schema-grid.ts';
import { model } from './schema-model.ts';
import { expectation, observation, output } from './schema-results.ts';
import { checkIncidentWaves, source } from './schema-sources.ts';
import type { Located, LocatedMap } from './source-tree.ts';
import {
  type CarriedSettings,
  isCarriedName,
  STATES,
  STATES_OF,
  type StateSettings,
  type WeatherSettings,
} from './states/index.ts';

/** The version of the scenario format, the value of the key `terrella`. */
export const FORMAT = 1;
/** Runge–Kutta's fourth order scheme is stable up to here (summed Courant number). */
export const COURANT_LIMIT = 1.8;

const format: Field<1> = {
  json: { const: FORMAT },
  read: (node, at) => {
    const value = node.kind === 'scalar' ? node.value : undefined;
    if (value === FORMAT) return FORMAT;
    if (typeof value === 'number' && value > FORMAT)
      return wrong(
        at,
        node.place,
        `the file is of format ${value}, and this program reads format ${FORMAT}`,
        'use a newer terrella, or write terrella: 1',
      );
    return wrong(at, node.place, 'the format is not stated', `write terrella: ${FORMAT}`);
  },
};

const name = text({
  pattern: /^[a-z0-9][a-z0-9.-]{0,79}$/,
  hint: 'write small letters, digits and hyphens, e.g. tohoku-2011',
});
const duration = quantity('time', { above: 0 });
const pressure = quantity('pressure', { above: 0 });

const time: Field<TimeSettings> = turned(
  checked(
    block({
      start: required(utc, 'UTC, e.g. 2011-03-11T05:46:18Z'),
      duration: required(duration, 'e.g. 10 h or PT10H'),
      courant: optional(
        number({ above: 0, most: COURANT_LIMIT }),
        `summed Courant number, from which the step follows; 1.4 unless told, at most ${COURANT_LIMIT}`,
      ),
      step: optional(duration, 'a fixed time step, e.g. 30 s, instead of courant'),
    }),
    (node, at) => {
      const here = inside(at, 'step');
      const place = placeOf(node, 'step');
      if (present(node, ['courant', 'step']).length === 2)
        wrong(here, place, 'step and courant both set the time step', 'keep one of the two');
      const step = quietly(node, 'step', duration, at);
      const whole = quietly(node, 'duration', duration, at);
      if (step !== undefined && whole !== undefined && step > whole)
        wrong(
          here,
          place,
          `the step (${step} s) is longer than the run (${whole} s)`,
          'write a shorter step or a longer duration',
        );
    },
  ),
  ({ start, duration: whole, courant, step }): TimeSettings => ({
    start,
    duration: whole,
    step: step === undefined ? { kind: 'courant', courant: courant ?? 1.4 } : { kind: 'fixed', seconds: step },
  }),
);

const NOT_YET = {
  ensemble: 'remove it: run the members one by one with --set',
  interventions: 'remove it: "terrella branch --at" changes a run under way',
  forcing: 'remove it: the tsunami model is driven by its sources and its initial state',
};

/** Keys that the loader takes away before the schema is read. */
const LOADER_KEYS = {
  extends: 'a scenario that this one changes: path, or name of one that ships with the program',
  small: 'changes that make a version for tests, of about a second',
};

const scenario = block(
  {
    terrella: required(format, 'the version of this format: 1'),
    name: required(name, 'small letters, digits and hyphens, e.g. tohoku-2011'),
    title: defaulting(text({ most: 300 }), '', 'one line for people'),
    description: defaulting(text(), '', 'what it shows, for people'),
    references: defaulting(list(text()), [], 'papers and data that it follows'),
    model: required(model, 'e.g. { equations: tsunami }'),
    grid: required(grid, 'e.g. { cells: 540, bathymetry: etopo5 }'),
    time: required(time, 'e.g. { start: 2011-03-11T05:46:18Z, duration: 10 h }'),
    sources: defaulting(
      list(source),
      [],
      'what moves the water: earthquake, gaussian, surface, solitary-wave, incident-wave',
    ),
    initial: optional(
      checked(
        block({
          seaLevel: optional(
            quantity('length'),
            "level that the sea starts at, e.g. 1.2345 m; the model's seaLevel unless told",
          ),
          state: optional(
            choice(...STATES),
            'for the shallow-water equations: a published test, e.g. williamson-2, or weather from a file',
          ),
          angle: optional(
            quantity('angle', { least: -90, most: 90 }),
            'by which the flow of williamson-2 leans, e.g. 45',
          ),
          strength: optional(
            number({ least: 0, most: 100 }),
            "of the deforming wind of nair-lauritzen-1 … -4, in radii of the globe in twelve days; the paper's unless told",
          ),
          limited: optional(truth, 'of tracers: whether they are kept within their range; true unless told'),
          file: optional(path, 'of state weather: path of a GRIB2 file with height and wind of the whole globe'),
          level: optional(
            pressure,
            'of state weather: the surface of equal pressure, e.g. 500 hPa, which it is unless told',
          ),
          balanced: optional(
            truth,
            'of state weather: the wind without its divergence, and the height that balances it; true unless told',
          ),
        }),
        checkWeather,
      ),
      'state at the start',
    ),
    observations: defaulting(list(observation), [], 'records to hold the result against'),
    output: defaulting(
      output,
      {
        fields: [],
        stations: [],
        format: 'zarr',
        latitudeLongitude: undefined,
        checkpoints: { every: undefined, keep: 3 },
      } satisfies OutputSettings,
      'what to write',
    ),
    expect: defaulting(list(expectation), [], 'what the result must satisfy: the scenario is its own test'),
  },
  NOT_YET,
  Object.keys(LOADER_KEYS),
);

/** A scenario from the tree of its file, its ancestors and overrides. */
export const scenarioField: Field<Scenario> = turned(
  checked(checked(scenario, checkNames), checkEquations),
  (value): Scenario => {
    const given: Partial<NonNullable<typeof value.initial>> = value.initial ?? {};
    const { state: name, seaLevel = value.model.parameters.seaLevel } = given;
    const { angle = 0, file, level = 50_000, balanced = true, strength, limited = true } = given;
    if (name === undefined) return { ...value, title: value.title || value.name, initial: { seaLevel } };
    // The schema asks for the file.
    const state = stateSettings(name, { angle, file: file!, level, balanced, strength, limited });
    const initial = { seaLevel, state };
    return { ...value, title: value.title || value.name, initial };
  },
);

function stateSettings(
  name: StateSettings['name'],
  given: Omit<WeatherSettings, 'name'> & Omit<CarriedSettings, 'name' | 'strength'> & { strength: number | undefined },
): StateSettings {
  const { angle, file, level, balanced, strength, limited } = given;
  if (name === 'weather') return { name, file, level, balanced };
  if (isCarriedName(name)) return { name, angle, limited, ...(strength === undefined ? {} : { strength }) };
  return { name, angle };
}

/** Keys of state weather, which it alone has. */
function checkWeather(node: LocatedMap, at: Reading): void {
  const state = partOf(node, 'state');
  const isWeather = nameIn(node, ['state'])?.text === 'weather';
  if (isWeather && !partOf(node, 'file'))
    wrong(
      inside(at, 'file'),
      state!.place,
      'the weather has no file',
      'add file: the path of a GRIB2 file, as data/air/gfs-2011-01-15-500hpa.grib2',
    );
  for (const key of isWeather ? ['angle', 'strength', 'limited'] : ['file', 'level', 'balanced']) {
    if (!partOf(node, key)) continue;
    const cure = isWeather ? 'remove it' : 'remove it, or write state: weather';
    wrong(inside(at, key), placeOf(node, key), `${key} means nothing to this state`, cure);
  }
}

const FIELDS_OF = { tsunami: OCEAN_FIELDS, 'shallow-water': AIR_FIELDS, transport: TRACER_FIELDS } as const;

/** What belongs to other equations than the scenario's, and what its own need. */
function checkEquations(node: LocatedMap, at: Reading): void {
  const equations = nameIn(partOf(node, 'model')!, ['equations'])?.text as keyof typeof FIELDS_OF | undefined;
  if (equations === undefined || !Object.hasOwn(FIELDS_OF, equations)) return;
  const sea = equations === 'tsunami';
  const state = partOf(node, 'initial', 'state');
  const bed = partOf(node, 'grid', 'bathymetry');
  const noBed = bed?.kind === 'scalar' && bed.text.trim() === 'none';
  const refuse = (path: string, place: Place, message: string, cure: string) =>
    wrong(inside(at, path), place, message, cure);
  const strange = `the ${equations} equations know no such thing`;
  if (!sea) {
    const own: readonly string[] = STATES_OF[equations];
    const named = nameIn(partOf(node, 'initial') ?? node, ['state'])?.text;
    if (!state)
      refuse(
        'initial.state',
        partOf(node, 'initial')?.place ?? node.place,
        `the ${equations} equations have nothing to start from`,
        `add initial: { state: … }, one of ${own.join(', ')}`,
      );
    else if ((STATES as readonly string[]).includes(named!) && !own.includes(named!))
      refuse('initial.state', state.place, strange, `write one of ${own.join(', ')}, or other equations`);
    if (bed && !noBed)
      refuse('grid.bathymetry', bed.place, 'the state comes with a bed of its own', 'write bathymetry: none');
    if (at.plane)
      refuse(
        'grid',
        partOf(node, 'grid')?.place ?? node.place,
        'the states lie on a sphere',
        'write grid: { cells: 32, bathymetry: none }',
      );
    for (const path of ['sources', 'model.tracers', ...(equations === 'transport' ? ['output.stations'] : [])]) {
      const part = partOf(node, ...path.split('.'));
      if (itemsOf(part).length > 0) refuse(path, part!.place, strange, 'remove it, or write equations: tsunami');
    }
  } else {
    if (state)
      refuse(
        'initial.state',
        state.place,
        'a state of the air means nothing to the tsunami equations',
        'remove it, or write equations: shallow-water or transport',
      );
    if (noBed)
      refuse(
        'grid.bathymetry',
        bed.place,
        'a tsunami needs a sea to run over',
        'write a name (etopo5), a path, or { constant: 4 km }',
      );
  }
  const smoothing = partOf(node, 'model', 'parameters', 'hyperdiffusion');
  if (equations !== 'shallow-water' && smoothing)
    refuse('model.parameters.hyperdiffusion', smoothing.place, strange, 'remove it, or write equations: shallow-water');
  const allowed: readonly string[] = FIELDS_OF[equations];
  for (const [index, one] of itemsOf(partOf(node, 'output', 'fields')).entries()) {
    const named = nameIn(one, ['name']);
    if (named && (OUTPUT_FIELDS as readonly string[]).includes(named.text) && !allowed.includes(named.text))
      refuse(
        `output.fields[${index}].name`,
        named.place,
        `the ${equations} equations have no ${named.text}`,
        `write one of ${allowed.join(', ')}`,
      );
  }
}

/** The start of the run, as far as it can be read before everything else. */
export function startOf(tree: Located, at: Reading): string | undefined {
  const node = partOf(tree, 'time');
  return node && quietly(node, 'start', utc, at);
}

/** Names that must differ, names that must be there, and sources that must begin while the run lasts. */
function checkNames(node: LocatedMap, at: Reading): void {
  const observations = partOf(node, 'observations');
  distinct(observations, ['dart', 'station'], inside(at, 'observations'));
  const names = [
    ...namesIn(partOf(node, 'output', 'stations'), ['name']),
    ...namesIn(observations, ['dart', 'station']),
  ];
  const observed = namesIn(observations, ['dart', 'station']);
  for (const [index, one] of itemsOf(partOf(node, 'expect')).entries())
    checkStation(one, names, observed, inside(at, `expect[${index}]`));
  checkIncidentWaves(node, at);
  const waves = itemsOf(partOf(node, 'sources')).filter((one) => nameIn(one, ['type'])?.text === 'solitary-wave');
  if (waves.length > 1)
    wrong(
      inside(at, 'sources'),
      waves[1]!.place,
      'two solitary waves start at once, and their sum is no solution',
      'keep one; add humps as sources of type gaussian',
    );
  const timing = partOf(node, 'time');
  const whole = timing && quietly(timing, 'duration', duration, at);
  for (const [index, one] of itemsOf(partOf(node, 'sources')).entries()) {
    const begin = quietly(one, 'begin', quantity('time'), at);
    if (begin === undefined || whole === undefined || begin < whole) continue;
    const message = `the source begins ${begin} s after the start, and the run lasts ${whole} s`;
    const cure = 'write an earlier begin or a longer duration';
    wrong(inside(at, `sources[${index}].begin`), placeOf(one, 'begin'), message, cure);
  }
}

function checkStation(node: Located, names: readonly string[], observed: readonly string[], at: Reading): void {
  const metric = nameIn(node, ['metric']);
  const meaning = metric && parseMetric(metric.text);
  if (!meaning?.ok || meaning.station === undefined) return;
  if (names.includes(meaning.station)) {
    if (meaning.figure !== 'correlation' || observed.includes(meaning.station)) return;
    const cure = 'add its record to observations, or expect firstPeak or arrivalSeconds';
    return void wrong(
      inside(at, 'metric'),
      metric!.place,
      `there is no record of ${meaning.station} to correlate with`,
      cure,
    );
  }
  const near = nearest(meaning.station, names) ?? names[0];
  const add = 'to output.stations or observations';
  const cure = near === undefined ? `add it ${add}` : `write stations.${near}.${meaning.figure}, or add it ${add}`;
  wrong(inside(at, 'metric'), metric!.place, `the scenario has no station "${meaning.station}"`, cure);
}

type Properties = Readonly<Record<string, JsonSchema>>;

const mapValues = (properties: Properties, turn: (schema: JsonSchema) => JsonSchema): Properties =>
  Object.fromEntries(Object.entries(properties).map(([key, value]) => [key, turn(value)]));

/** A schema without what it requires: for a part that is laid over another. Items of lists stay whole. */
function partial({ required: _, ...rest }: JsonSchema): JsonSchema {
  const { anyOf, properties } = rest as { anyOf?: JsonSchema[]; properties?: Properties };
  return {
    ...rest,
    ...(anyOf && { anyOf: anyOf.map(partial) }),
    ...(properties && { properties: mapValues(properties, partial) }),
  };
}

/** Only what a schema requires. */
function requirements(schema: JsonSchema): JsonSchema {
  const {
    required: needed,
    anyOf,
    properties,
  } = schema as { required?: string[]; anyOf?: JsonSchema[]; properties?: Properties };
  return {
    ...(needed && { required: needed }),
    ...(anyOf && { anyOf: anyOf.map(requirements) }),
    ...(properties && needed && { properties: mapValues(pick(properties, needed), requirements) }),
  };
}

const pick = (properties: Properties, keys: readonly string[]): Properties =>
  Object.fromEntries(keys.map((key) => [key, properties[key]!]));

/** The published JSON Schema, draft 7. With `extends` every key is optional, as it is in `small`. */
export function jsonSchema(): JsonSchema {
  const { properties, ...rest } = scenario.json as JsonSchema & { properties: Properties };
  const named = Object.fromEntries(Object.keys(properties).map((key) => [key, { $ref: `#/definitions/${key}` }]));
  return {
    $schema: 'http://json-schema.org/draft-07/schema#',
    title: 'Terrella scenario',
    description: 'Dimensional values are texts with a unit ("15 m"), angles are bare degrees, times are UTC.',
    type: 'object',
    additionalProperties: false,
    properties: {
      ...named,
      extends: { type: 'string', description: LOADER_KEYS.extends },
      small: { type: 'object', additionalProperties: false, properties: named, description: LOADER_KEYS.small },
    },
    if: { not: { required: ['extends'] } },
    // biome-ignore lint/suspicious/noThenProperty: a keyword of JSON Schema
    then: requirements({ properties, ...rest }),
    definitions: mapValues(properties, partial),
  };
}
