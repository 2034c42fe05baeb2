import type { Stage } from '../compiler/pipeline.ts';
import { copyCell } from '../kernels/advance.ts';
import {
  advanceTracer,
  allowanceX,
  allowanceY,
  edgeAllowance,
  edgeTracerFlux,
  type TracerRange,
  tracerFluxX,
  tracerFluxY,
  tracerTendency,
} from '../kernels/tracer.ts';
import { edgeFlux, extremes, fluxX, fluxY, settle, tendency, velocity } from '../kernels/tsunami.ts';
import { FACE_NORMALS, type FieldSpec, GRID_FIELDS, type Model } from './model.ts';

export interface TracerSettings extends TracerRange {
  readonly name: string;
}

export interface TsunamiSettings {
  /** Free fall [m/s²]. */
  readonly gravity: number;
  /** Earth's rotation [rad/s]; 0 switches Coriolis off. */
  readonly rotation: number;
  /** Coriolis parameter of a plane grid [1/s]. */
  readonly planeCoriolis: number;
  /** Manning's n [s m^-1/3]. */
  readonly manning: number;
  /** Rest level of the sea [m]. */
  readonly seaLevel: number;
  /** Where water is shallower than this [m], limited traces and the HLLC flux do for shores and bores. */
  readonly thinDepth: number;
  /** Displacement [m] of the surface that counts as arrival. */
  readonly arrivalThreshold: number;
  /** Names, or names and the range of the concentrations at the start, which then is never left. */
  readonly tracers: readonly (string | TracerSettings)[];
}

export const TSUNAMI_DEFAULTS: TsunamiSettings = {
  gravity: 9.80616,
  rotation: 7.292e-5,
  planeCoriolis: 0,
  manning: 0.025,
  seaLevel: 0,
  thinDepth: 10,
  arrivalThreshold: 0.01,
  tracers: [],
};

/** In thin depths: a cell with less water is dry, and below the other the velocity is desingularised. 1 mm, 10 cm at sea. */
const DRY_SHARE = 1e-4;
const SMOOTH_SHARE = 1e-2;

/** Least thin depth [m], so that a dry cell is one with no water to speak of. */
const LEAST_THIN_DEPTH = 1e-3;

const FIELDS: readonly FieldSpec[] = [
  {
    name: 'surface',
    longName: 'sea surface height above mean sea level',
    standardName: 'sea_surface_height_above_mean_sea_level',
    units: 'm',
    role: 'prognostic',
  },
  ...(['X', 'Y', 'Z'] as const).map(
    (axis): FieldSpec => ({
      name: `momentum${axis}`,
      longName: `depth-integrated velocity, ${axis} axis of the globe`,
      units: 'm2 s-1',
      role: 'prognostic',
      ...(axis === 'X' ? { reversedBy: 'wall-x' as const } : axis === 'Y' ? { reversedBy: 'wall-y' as const } : {}),
    }),
  ),
  {
    name: 'bed',
    longName: 'elevation of the bed above mean sea level',
    standardName: 'bedrock_altitude',
    units: 'm',
    role: 'static',
  },
  ...GRID_FIELDS,
  {
    name: 'maximumAmplitude',
    longName: 'largest height above rest, flow depth on land',
    units: 'm',
    role: 'diagnostic',
  },
  { name: 'arrivalTime', longName: 'time of first arrival', units: 's', role: 'diagnostic', initial: -1 },
  { name: 'maximumSpeed', longName: 'largest speed of the water', units: 'm s-1', role: 'diagnostic' },
];

const FLOW = { eta: 'surface', mx: 'momentumX', my: 'momentumY', mz: 'momentumZ' } as const;
const FLUXES = ['mass', 'x', 'y', 'z', 'pressureLeft', 'pressureRight'] as const;
const fluxNames = (axis: 'X' | 'Y') => Object.fromEntries(FLUXES.map((name) => [name, `${name}${axis}`]));

const normals = (axis: 'X' | 'Y') => ({
  normalX: `normalXof${axis}`,
  normalY: `normalYof${axis}`,
  normalZ: `normalZof${axis}`,
});

const TENDENCY: readonly Stage[] = [
  { kernel: velocity, bind: { ...FLOW, etaStart: 'surface.start' } },
  {
    kernel: fluxX,
    bind: { eta: 'surface', etaStart: 'surface.start', length: 'lengthX', ...normals('X'), ...fluxNames('X') },
  },
  {
    kernel: fluxY,
    bind: { eta: 'surface', etaStart: 'surface.start', length: 'lengthY', ...normals('Y'), ...fluxNames('Y') },
  },
  {
    kernel: tendency,
    bind: {
      ...FLOW,
      ...FACE_NORMALS,
      etaRate: 'surface.rate',
      mxRate: 'momentumX.rate',
      myRate: 'momentumY.rate',
      mzRate: 'momentumZ.rate',
    },
  },
];

const FINISH: readonly Stage[] = [
  {
    kernel: settle,
    bind: {
      ...FLOW,
      etaNext: 'surface.next',
      mxNext: 'momentumX.next',
      myNext: 'momentumY.next',
      mzNext: 'momentumZ.next',
    },
  },
  { kernel: extremes, bind: FLOW },
];

/** What all tracers share: how much more each face's donor might send through it. */
const ALLOWANCES: readonly Stage[] = [
  {
    kernel: allowanceX,
    bind: { etaStart: 'surface.start', length: 'lengthX', mass: 'massX', allowance: 'allowanceX', ...normals('X') },
  },
  {
    kernel: allowanceY,
    bind: { etaStart: 'surface.start', length: 'lengthY', mass: 'massY', allowance: 'allowanceY', ...normals('Y') },
  },
];

const SIDES_OF = { X: ['west', 'east'], Y: ['south', 'north'] } as const;
const AXES = ['X', 'Y'] as const;

const edgeLines = (side: 'own' | 'partner') =>
  Object.entries({
    Eta: 'surface',
    Mx: 'momentumX',
    My: 'momentumY',
    Mz: 'momentumZ',
    Bed: 'bed',
    EtaStart: 'surface.start',
  }).map(([line, from]) => ({ field: `${side}${line}`, from, side }));

/** Names that kernels and fields of the model have already; a tracer needs another. */
export const RESERVED_NAMES: ReadonlySet<string> = new Set([
  ...FIELDS.map(({ name }) => name),
  ...[...TENDENCY, ...FINISH, ...ALLOWANCES, { kernel: edgeFlux }, { kernel: edgeAllowance }].flatMap(
    ({ kernel, bind = {} }: Stage) => [...kernel.reads, ...kernel.writes, ...Object.values(bind)],
  ),
]);

/** A range that no concentration leaves, for a tracer whose own is not told. */
const ANY = { low: -1e30, high: 1e30 };

/** Stages and fields of one tracer. */
function tracer(settings: string | TracerSettings) {
  const { name, ...range } = typeof settings === 'string' ? { name: settings, ...ANY } : settings;
  const of = (part: string) => `${name}.${part}`;
  const field: FieldSpec = {
    name,
    longName: `concentration of ${name}`,
    units: '1',
    role: 'prognostic',
    advance: (place, weight) => [
      {
        kernel: advanceTracer(range)[place](weight),
        bind: {
          start: of('start'),
          rate: of('rate'),
          sum: of('sum'),
          value: of('value'),
          surface: 'surface.value',
        },
      },
    ],
  };
  const tendencyStages: Stage[] = [
    {
      kernel: tracerFluxX(range),
      bind: { q: name, start: of('start'), mass: 'massX', allowance: 'allowanceX', flux: of('fluxX') },
    },
    {
      kernel: tracerFluxY(range),
      bind: { q: name, start: of('start'), mass: 'massY', allowance: 'allowanceY', flux: of('fluxY') },
    },
    {
      kernel: tracerTendency,
      bind: { start: of('start'), fluxX: of('fluxX'), fluxY: of('fluxY'), rate: of('rate') },
    },
  ];
  return { field, tendencyStages, of, edgeFlux: edgeTracerFlux(range) };
}

/**
 * The ocean-wide tsunami model: five-point traces and LMARS fluxes at sea, limited traces and HLLC at shores, wetting and drying, Manning friction,
 * rotation, running extremes and passive tracers.
 */
export function tsunami(settings: TsunamiSettings): Model {
  const tracers = settings.tracers.map(tracer);
  const thinDepth = Math.max(settings.thinDepth, LEAST_THIN_DEPTH);
  const dryDepth = DRY_SHARE * thinDepth;
  return {
    name: 'tsunami',
    title: 'Shallow water over a real bed, with wetting and drying',
    references: ['Chen et al. (2013)', 'Suresh & Huynh (1997)', 'Toro (2001)'],
    fields: [...FIELDS, ...tracers.map(({ field }) => field)],
    tendency: [
      ...TENDENCY,
      ...(tracers.length > 0 ? ALLOWANCES : []),
      ...tracers.flatMap(({ tendencyStages }) => tendencyStages),
    ],
    edge: {
      lines: [
        ...edgeLines('own'),
        ...edgeLines('partner'),
        ...tracers.flatMap(({ of, field }) => [
          { field: of('own'), from: field.name, side: 'own' as const },
          { field: of('partner'), from: field.name, side: 'partner' as const },
          { field: of('ownStart'), from: of('start'), side: 'own' as const },
          { field: of('partnerStart'), from: of('start'), side: 'partner' as const },
        ]),
      ],
      stages: [
        { kernel: edgeFlux },
        ...(tracers.length > 0 ? [{ kernel: edgeAllowance }] : []),
        ...tracers.map(({ of, edgeFlux: kernel }) => ({
          kernel,
          bind: {
            ownQ: of('own'),
            partnerQ: of('partner'),
            ownStart: of('ownStart'),
            partnerStart: of('partnerStart'),
            flux: of('flux'),
          },
        })),
      ],
      results: [
        'mass',
        'x',
        'y',
        'z',
        'pressure',
        ...(tracers.length > 0 ? ['allowance'] : []),
        ...tracers.map(({ of }) => of('flux')),
      ],
      overrides: AXES.flatMap((axis) => [
        ...['mass', 'x', 'y', 'z'].map((flux) => ({ transient: `${flux}${axis}`, sides: SIDES_OF[axis], from: flux })),
        { transient: `pressureRight${axis}`, sides: [SIDES_OF[axis][0]], from: 'pressure' },
        { transient: `pressureLeft${axis}`, sides: [SIDES_OF[axis][1]], from: 'pressure' },
        ...tracers.map(({ of }) => ({ transient: of(`flux${axis}`), sides: SIDES_OF[axis], from: of('flux') })),
      ]),
    },
    finish: [
      ...FINISH,
      ...tracers.map(({ field }) => ({ kernel: copyCell, bind: { from: `${field.name}.next`, to: field.name } })),
    ],
    activity: 'moving',
    parameters: {
      gravity: settings.gravity,
      thinDepth,
      dryDepth,
      smoothDepth: SMOOTH_SHARE * thinDepth,
      planeCoriolis: settings.planeCoriolis,
      twiceRotation: 2 * settings.rotation,
      seaLevel: settings.seaLevel,
      arrivalThreshold: settings.arrivalThreshold,
    },
    stepParameters: (timeStep, narrowest) => ({
      crossingSpeed: narrowest / timeStep,
      friction: timeStep * settings.gravity * settings.manning * settings.manning,
    }),
    signalSpeed: (value) => {
      const h = Math.max(0, value('surface') - value('bed'));
      const [mx, my, mz] = [value('momentumX'), value('momentumY'), value('momentumZ')];
      const momentum = Math.sqrt(mx * mx + my * my + mz * mz);
      return Math.sqrt(settings.gravity * h) + (h > dryDepth ? momentum / h : 0);
    },
    conserved: { field: 'surface', needs: ['bed'], counts: (surface, bed) => surface > bed },
    floors: { surface: 'bed' },
    rest: {
      surface: (value) => Math.max(settings.seaLevel, value('bed')),
      momentumX: () => 0,
      momentumY: () => 0,
      momentumZ: () => 0,
    },
  };
}
