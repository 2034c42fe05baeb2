import { RESERVED_NAMES, TSUNAMI_DEFAULTS } from '../engine/models/tsunami.ts';
import { block, checked, defaulting, distinct, optional, partOf, required, turned } from './blocks.ts';
import { choice, type Field, inside, list, number, quantity, text, truth, wrong } from './fields.ts';
import { EQUATIONS, type ModelSettings, OUTPUT_FIELDS, TRACER_NAME, type TracerSettings } from './scenario.ts';
import { placed } from './schema-sources.ts';

const word = text({ pattern: TRACER_NAME, hint: 'write a word of letters, digits and _' });
/** Names that the output has already: of its fields, its coordinates and its dimensions. */
const WRITTEN: ReadonlySet<string> = new Set([
  ...OUTPUT_FIELDS,
  ...['time', 'panel', 'x', 'y', 'x_bounds', 'y_bounds', 'bounds', 'x_corner', 'y_corner', 'cell_area'],
  ...['longitude', 'latitude', 'longitude_corner', 'latitude_corner'],
]);
const tracerName: Field<string> = turned(word, (name, node, at) => {
  const whose = RESERVED_NAMES.has(name) ? 'model' : WRITTEN.has(name) ? 'output' : undefined;
  if (whose === undefined) return name;
  return wrong(at, node.place, `the ${whose} has a field called ${name} already`, `write another name, as ${name}_1`);
});

const tracer: Field<TracerSettings> = block({
  name: required(tracerName, 'a word'),
  background: defaulting(number(), 0, 'concentration everywhere at the start'),
  patches: defaulting(
    list(
      placed({
        radius: required(quantity('length', { above: 0 }), 'e.g. 500 km'),
        value: required(number(), 'concentration'),
      }),
    ),
    [],
    'discs of another concentration at the start',
  ),
});

const parameters = block(
  {
    manning: defaulting(
      quantity('friction', { least: 0 }),
      TSUNAMI_DEFAULTS.manning,
      "Manning's n of the bed, e.g. 0.025 s m^-1/3",
    ),
    gravity: defaulting(
      quantity('acceleration', { above: 0 }),
      TSUNAMI_DEFAULTS.gravity,
      'free fall, e.g. 9.80616 m/s^2',
    ),
    seaLevel: defaulting(
      quantity('length'),
      TSUNAMI_DEFAULTS.seaLevel,
      'level of the sea at rest above the datum of the bathymetry, e.g. 0.5 m',
    ),
    thinDepth: defaulting(
      quantity('length', { least: 0 }),
      TSUNAMI_DEFAULTS.thinDepth,
      'where water is shallower it lies at a shore; a ten-thousandth of it is dry, e.g. 10 m, or 1 cm in a flume',
    ),
    arrivalThreshold: defaulting(
      quantity('length', { above: 0 }),
      TSUNAMI_DEFAULTS.arrivalThreshold,
      'a wave has arrived when the surface is this far from rest, e.g. 1 cm',
    ),
    hyperdiffusion: defaulting(
      quantity('hyperdiffusion', { least: 0 }),
      0,
      'of the momentum of shallow-water, ν in −ν ∇⁴ m; none unless told, e.g. 1e14 m^4/s',
    ),
    coriolis: defaulting(truth, true, 'whether the globe turns'),
    rotation: defaulting(quantity('frequency'), TSUNAMI_DEFAULTS.rotation, 'of the globe, e.g. 7.292e-5 rad/s'),
    planeCoriolis: defaulting(
      quantity('frequency'),
      TSUNAMI_DEFAULTS.planeCoriolis,
      'the constant f of a plane, e.g. 1e-4 s^-1',
    ),
  },
  { dryDepth: 'remove it: a cell is dry below a ten-thousandth of thinDepth, 1 mm unless told' },
);

export const model: Field<ModelSettings> = turned(
  checked(
    block({
      equations: required(choice(...EQUATIONS), 'the equations of motion: tsunami'),
      precision: defaulting(
        choice('float32', 'float64'),
        'float32',
        'of the state; float32 is twice as fast, float64 keeps mass to 1e-14',
      ),
      parameters: optional(parameters, 'parameters of the equations'),
      tracers: defaulting(list(tracer), [], 'substances carried by the water'),
    }),
    (node, at) => distinct(partOf(node, 'tracers'), ['name'], inside(at, 'tracers')),
  ),
  (value, _, at): ModelSettings => {
    const { coriolis, rotation, planeCoriolis, ...rest } = value.parameters ?? {
      ...TSUNAMI_DEFAULTS,
      hyperdiffusion: 0,
      coriolis: true,
    };
    const spins = {
      rotation: coriolis && !at.plane ? rotation : 0,
      planeCoriolis: coriolis && at.plane ? planeCoriolis : 0,
    };
    return { ...value, parameters: { ...rest, ...spins, tracers: value.tracers.map((one) => one.name) } };
  },
);
