import type { Stage } from '../compiler/pipeline.ts';
import {
  edgeMeanFlux,
  edgePointFlux,
  hyperdiffusion,
  meanFluxX,
  meanFluxY,
  meanTendency,
  pointFluxX,
  pointFluxY,
  pointForces,
  pointValues,
  pointVelocity,
  take,
} from '../kernels/shallow-water.ts';
import { COORDINATE_FIELDS, FACE_NORMALS, type FieldSpec, GRID_FIELDS, type Model } from './model.ts';

export interface ShallowWaterSettings {
  /** Free fall [m/s²]. */
  readonly gravity: number;
  /** Of the globe, a vector [rad/s]; 0 switches Coriolis off. Test cases turn it about other axes than z. */
  readonly rotation: readonly [number, number, number];
  /** Coriolis parameter of a plane grid [1/s]. */
  readonly planeCoriolis: number;
  /** Of the globe [m]; Infinity on a plane. */
  readonly radius: number;
  /** ν in ∂m/∂t = … − ν ∇⁴ m [m⁴/s]; 0 for none, which the tests need nowhere. */
  readonly hyperdiffusion: number;
}

const AXES = ['X', 'Y'] as const;
const SIDES_OF = { X: ['west', 'east'], Y: ['south', 'north'] } as const;

const FIELDS: readonly FieldSpec[] = [
  { name: 'surface', longName: 'height of the free surface, mean over the cell', units: 'm', role: 'prognostic' },
  ...(['X', 'Y', 'Z'] as const).map(
    (axis): FieldSpec => ({
      name: `momentum${axis}`,
      longName: `depth-integrated velocity, ${axis} axis of the globe, mean over the cell`,
      units: 'm2 s-1',
      role: 'prognostic',
      ...(axis === 'X' ? { reversedBy: 'wall-x' as const } : axis === 'Y' ? { reversedBy: 'wall-y' as const } : {}),
    }),
  ),
  { name: 'bed', longName: 'elevation of the bed at the centre of the cell', units: 'm', role: 'static' },
  { name: 'etaPoint', longName: 'height of the free surface at the centre of the cell', units: 'm', role: 'derived' },
  ...(['x', 'y', 'z'] as const).map(
    (axis): FieldSpec => ({
      name: `m${axis}Point`,
      longName: `depth-integrated velocity at the centre of the cell, ${axis} axis`,
      units: 'm2 s-1',
      role: 'derived',
      ...(axis === 'x' ? { reversedBy: 'wall-x' as const } : axis === 'y' ? { reversedBy: 'wall-y' as const } : {}),
    }),
  ),
  ...GRID_FIELDS,
  ...COORDINATE_FIELDS,
];

const FLOW = { eta: 'surface', mx: 'momentumX', my: 'momentumY', mz: 'momentumZ' } as const;
const POINT_FLUXES = ['mass', 'x', 'y', 'z', 'pressure', 'faceBed'] as const;
const pointFluxes = (axis: 'X' | 'Y') => Object.fromEntries(POINT_FLUXES.map((name) => [name, `${name}At${axis}`]));
const normals = (axis: 'X' | 'Y') => ({
  normalX: `normalXof${axis}`,
  normalY: `normalYof${axis}`,
  normalZ: `normalZof${axis}`,
});
const meanFluxes = (axis: 'X' | 'Y') => ({
  meanMass: `mass${axis}`,
  meanX: `x${axis}`,
  meanY: `y${axis}`,
  meanZ: `z${axis}`,
  pressureLeft: `pressureLeft${axis}`,
  pressureRight: `pressureRight${axis}`,
});

const TENDENCY: readonly Stage[] = [
  { kernel: pointVelocity },
  ...AXES.flatMap((axis): Stage[] => [
    { kernel: axis === 'X' ? pointFluxX : pointFluxY, bind: { ...normals(axis), ...pointFluxes(axis) } },
    {
      kernel: axis === 'X' ? meanFluxX : meanFluxY,
      bind: {
        ...pointFluxes(axis),
        ...meanFluxes(axis),
        eta: 'surface',
        length: `length${axis}`,
        faceStretch: `faceStretch${axis}`,
      },
    },
  ]),
  { kernel: pointForces },
  {
    kernel: meanTendency,
    bind: {
      ...FACE_NORMALS,
      etaRate: 'surface.rate',
      mxRate: 'momentumX.rate',
      myRate: 'momentumY.rate',
      mzRate: 'momentumZ.rate',
    },
  },
];

const RATES = { mxRate: 'momentumX.rate', myRate: 'momentumY.rate', mzRate: 'momentumZ.rate' } as const;

/** The same tendency, its momentum's rates smoothed at the end. */
const withHyperdiffusion = (stages: readonly Stage[]): readonly Stage[] => [
  ...stages.slice(0, -1),
  ...stages.slice(-1).map(({ kernel, bind }) => ({
    kernel,
    bind: { ...bind, mxRate: 'mxPlain', myRate: 'myPlain', mzRate: 'mzPlain' },
  })),
  { kernel: hyperdiffusion, bind: RATES },
];

const LINES = { Eta: 'etaPoint', Mx: 'mxPoint', My: 'myPoint', Mz: 'mzPoint', Bed: 'bed' } as const;

/**
 * The shallow water equations to fourth order in space and time, for air or water that covers its bed everywhere:
 * McCorquodale & Colella (2011) on the cubed sphere with LMARS fluxes.
 */
export function shallowWater(settings: ShallowWaterSettings): Model {
  return {
    name: 'shallow-water',
    title: 'Shallow water to fourth order',
    references: ['Chen et al. (2013)', 'McCorquodale & Colella (2011)', 'Mouallem et al. (2023)'],
    fields: FIELDS,
    derive: [{ kernel: pointValues, bind: FLOW }],
    tendency: settings.hyperdiffusion > 0 ? withHyperdiffusion(TENDENCY) : TENDENCY,
    edge: {
      reach: 2,
      beyond: 3,
      lines: [
        ...(['own', 'partner'] as const).flatMap((side) =>
          Object.entries(LINES).map(([line, from]) => ({ field: `${side}${line}`, from, side })),
        ),
        { field: 'ownAverage', from: 'surface', side: 'own' as const },
      ],
      stages: [{ kernel: edgePointFlux }, { kernel: edgeMeanFlux }],
      results: ['meanMass', 'meanX', 'meanY', 'meanZ', 'meanPressure'],
      overrides: AXES.flatMap((axis) => [
        { transient: `mass${axis}`, sides: SIDES_OF[axis], from: 'meanMass' },
        { transient: `x${axis}`, sides: SIDES_OF[axis], from: 'meanX' },
        { transient: `y${axis}`, sides: SIDES_OF[axis], from: 'meanY' },
        { transient: `z${axis}`, sides: SIDES_OF[axis], from: 'meanZ' },
        { transient: `pressureRight${axis}`, sides: [SIDES_OF[axis][0]], from: 'meanPressure' },
        { transient: `pressureLeft${axis}`, sides: [SIDES_OF[axis][1]], from: 'meanPressure' },
      ]),
    },
    finish: [
      {
        kernel: take,
        bind: {
          ...FLOW,
          etaNext: 'surface.next',
          mxNext: 'momentumX.next',
          myNext: 'momentumY.next',
          mzNext: 'momentumZ.next',
        },
      },
    ],
    activity: 'moving',
    parameters: {
      gravity: settings.gravity,
      planeCoriolis: settings.planeCoriolis,
      twiceRotationX: 2 * settings.rotation[0],
      twiceRotationY: 2 * settings.rotation[1],
      twiceRotationZ: 2 * settings.rotation[2],
      inverseRadius: 1 / settings.radius,
      hyperdiffusion: settings.hyperdiffusion,
    },
    signalSpeed: (value) => {
      const h = Math.max(0, value('surface') - value('bed'));
      const [mx, my, mz] = [value('momentumX'), value('momentumY'), value('momentumZ')];
      return Math.sqrt(settings.gravity * h) + (h > 0 ? Math.sqrt(mx * mx + my * my + mz * mz) / h : 0);
    },
    conserved: { field: 'surface', needs: [], counts: () => true },
  };
}
