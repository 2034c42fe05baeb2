import type { Stage } from '../compiler/pipeline.ts';
import type { Side } from '../grid/grid.ts';
import { type TracerRange, tracerTendency } from '../kernels/tracer.ts';
import {
  ADD_WIND,
  advanceMixingRatio,
  airFlux,
  airPoint,
  airTendency,
  boundedTracerFlux,
  donorsX,
  donorsY,
  edgeMeans,
  edgeTraces,
  meansX,
  meansY,
  room,
  takeAir,
  takeTracer,
  tracerFlux,
  tracerPoint,
  tracesX,
  tracesY,
} from '../kernels/transport.ts';
import { COORDINATE_FIELDS, type EdgeModel, type FieldSpec, GRID_FIELDS, type Model } from './model.ts';
import type { PrescribedWind } from './wind.ts';

export interface CarriedTracer {
  readonly name: string;
  /**
   * Range of the mixing ratios at the start, which then is never left while the Courant number of the outflow is below 1,
   * and below about 0.6 without loss of accuracy; without a range nothing is limited.
   */
  readonly range?: TracerRange;
}

export interface TransportSettings {
  readonly wind: PrescribedWind;
  readonly tracers: readonly CarriedTracer[];
}

const AXES = ['X', 'Y'] as const;
type Axis = (typeof AXES)[number];
const PLACES = { X: 'west-face', Y: 'south-face' } as const;

/** Sides of a panel with faces across an axis; cells inside count as right of the first and left of the second. */
const SIDES_OF: Readonly<Record<Axis, readonly [Side, Side]>> = { X: ['west', 'east'], Y: ['south', 'north'] };

const USED_GRID_FIELDS = [...GRID_FIELDS, ...COORDINATE_FIELDS].filter(({ name }) =>
  ['inverseArea', 'stretchX', 'stretchY', 'faceStretchX', 'faceStretchY', 'centreX'].includes(name),
);

function windSpecs(parts: number): FieldSpec[] {
  return Array.from({ length: parts }, (_, k) => k + 1).flatMap((part) =>
    AXES.flatMap((axis): FieldSpec[] => [
      {
        name: `through${part}${axis}`,
        longName: `air through ${PLACES[axis]}s, part ${part} of the wind`,
        units: 'm2 s-1',
        role: 'static',
        at: PLACES[axis],
      },
      {
        name: `shear${part}${axis}`,
        longName: `growth of the wind along ${PLACES[axis]}s, part ${part}`,
        units: 'm2 s-1',
        role: 'static',
        at: PLACES[axis],
      },
    ]),
  );
}

/** Leaves `windX`, `windY`, `windShearX` and `windShearY`. */
const windStages = (parts: number): Stage[] =>
  AXES.flatMap((axis) =>
    ADD_WIND.slice(0, parts).map((kernel, k): Stage => {
      const sum = (name: string, upTo: number) => (upTo === parts ? `${name}${axis}` : `${name}${axis}upTo${upTo}`);
      return {
        kernel,
        bind: {
          through: `through${k + 1}${axis}`,
          shear: `shear${k + 1}${axis}`,
          V: sum('wind', k + 1),
          S: sum('windShear', k + 1),
          ...(k > 0 ? { before: sum('wind', k), shearBefore: sum('windShear', k) } : {}),
        },
      };
    }),
  );

const MEANS = ['meanLeft', 'meanRight', 'slopeLeft', 'slopeRight'] as const;
const meansOf = (quantity: string, axis: Axis) =>
  Object.fromEntries(MEANS.map((name) => [name, `${quantity}.${name}${axis}`]));

/** Means and slopes along the faces across an axis, from the quantity's centre values. */
const faceStages = (quantity: string, axis: Axis): Stage[] => {
  const sides = { left: `${quantity}.left${axis}`, right: `${quantity}.right${axis}` };
  return [
    { kernel: axis === 'X' ? tracesX : tracesY, bind: { point: `${quantity}Point`, ...sides } },
    {
      kernel: axis === 'X' ? meansX : meansY,
      bind: { ...sides, stretch: `faceStretch${axis}`, ...meansOf(quantity, axis) },
    },
  ];
};

const carriedBy = (axis: Axis) => ({ V: `wind${axis}`, F: `mass${axis}`, growth: `growth${axis}` });

/** What a quantity needs at panel edges, to have the same means and slopes on both sides. */
function edgeOf(quantity: string): Pick<EdgeModel, 'lines' | 'stages' | 'results' | 'overrides'> {
  const of = (part: string) => `${quantity}.${part}`;
  const results = ['meanInner', 'meanOuter', 'slopeInner', 'slopeOuter'] as const;
  return {
    lines: [
      { field: of('own'), from: `${quantity}Point`, side: 'own' },
      { field: of('partner'), from: `${quantity}Point`, side: 'partner' },
    ],
    stages: [
      {
        kernel: edgeTraces,
        bind: { own: of('own'), partner: of('partner'), inner: of('inner'), outer: of('outer') },
      },
      {
        kernel: edgeMeans,
        bind: {
          inner: of('inner'),
          outer: of('outer'),
          ...Object.fromEntries(results.map((name) => [name, of(name)])),
        },
      },
    ],
    results: results.map(of),
    overrides: AXES.flatMap((axis) => {
      const [first, last] = SIDES_OF[axis];
      return (['mean', 'slope'] as const).flatMap((part) => [
        { transient: of(`${part}Right${axis}`), sides: [first], from: of(`${part}Inner`) },
        { transient: of(`${part}Left${axis}`), sides: [first], from: of(`${part}Outer`) },
        { transient: of(`${part}Left${axis}`), sides: [last], from: of(`${part}Inner`) },
        { transient: of(`${part}Right${axis}`), sides: [last], from: of(`${part}Outer`) },
      ]);
    }),
  };
}

/** A value of the cells on both sides of faces, the partner's own across a panel edge. */
function donors(field: string, name: string) {
  const line = `${name}.partner`;
  return {
    stages: AXES.map(
      (axis): Stage => ({
        kernel: axis === 'X' ? donorsX : donorsY,
        bind: { donor: field, left: `${name}.left${axis}`, right: `${name}.right${axis}` },
      }),
    ),
    edge: {
      lines: [{ field: line, from: field, side: 'partner' as const }],
      stages: [],
      results: [],
      overrides: AXES.flatMap((axis) => [
        { transient: `${name}.left${axis}`, sides: [SIDES_OF[axis][0]], from: line },
        { transient: `${name}.right${axis}`, sides: [SIDES_OF[axis][1]], from: line },
      ]),
    },
  };
}

/** Fields and stages of one tracer. */
function carried({ name, range }: CarriedTracer) {
  const of = (part: string) => `${name}.${part}`;
  const starts = donors(of('start'), of('starts'));
  const fields: FieldSpec[] = [
    {
      name,
      longName: `mixing ratio of ${name}, mean over the cell's air`,
      units: '1',
      role: 'prognostic',
      advance: (place, weight) => [
        {
          kernel: advanceMixingRatio[place](weight),
          bind: { start: of('start'), rate: of('rate'), sum: of('sum'), value: of('value'), air: 'air.value' },
        },
      ],
    },
    {
      name: `${name}Point`,
      longName: `mixing ratio of ${name} at the centre of the cell`,
      units: '1',
      role: 'derived',
    },
  ];
  const fluxStage = (axis: Axis): Stage => {
    const { F, growth, V } = carriedBy(axis);
    const bind = { F, growth, ...meansOf(name, axis), G: of(`flux${axis}`) };
    if (!range) return { kernel: tracerFlux, bind };
    return {
      kernel: boundedTracerFlux(range),
      bind: {
        ...bind,
        V,
        startLeft: of(`starts.left${axis}`),
        startRight: of(`starts.right${axis}`),
        roomLeft: `rooms.left${axis}`,
        roomRight: `rooms.right${axis}`,
      },
    };
  };
  return {
    fields,
    derive: { kernel: tracerPoint(range), bind: { q: name, point: `${name}Point` } } satisfies Stage,
    tendency: [
      ...(range ? starts.stages : []),
      ...AXES.flatMap((axis) => [...faceStages(name, axis), fluxStage(axis)]),
      {
        kernel: tracerTendency,
        bind: { start: of('start'), fluxX: of('fluxX'), fluxY: of('fluxY'), rate: of('rate') },
      },
    ] satisfies Stage[],
    edges: [edgeOf(name), ...(range ? [starts.edge] : [])],
  };
}

/**
 * Passive tracers in a wind given at all times, to fourth order on smooth flow; the air that carries them is stepped
 * along, so a uniform tracer stays uniform in any wind. Static fields come from `windFields`.
 * Throws where the wind has none or more than four parts.
 */
export function transport({ wind, tracers }: TransportSettings): Model {
  const parts = wind.parts.length;
  if (parts < 1 || parts > ADD_WIND.length)
    throw new Error(
      `WindParts: ${parts} parts of the wind are not 1 … ${ADD_WIND.length}. Add parts of equal amplitude together.`,
    );
  const each = tracers.map(carried);
  const limited = tracers.some(({ range }) => range !== undefined);
  const rooms = donors('room', 'rooms');
  const edges = [edgeOf('air'), ...(limited ? [rooms.edge] : []), ...each.flatMap(({ edges }) => edges)];
  return {
    name: 'transport',
    title: 'Passive tracers in a given wind',
    references: ['McCorquodale & Colella (2011)', 'Zalesak (1979)'],
    fields: [
      {
        name: 'air',
        longName: 'density of the air, in that of the start, mean over the cell',
        units: '1',
        role: 'prognostic',
        initial: 1,
      },
      { name: 'airPoint', longName: 'density of the air at the centre of the cell', units: '1', role: 'derived' },
      ...each.flatMap(({ fields }) => fields),
      ...(limited
        ? [
            {
              name: 'room',
              longName: 'air that a cell may give away in a step for the wind that leaves it',
              units: '1',
              role: 'derived' as const,
            },
          ]
        : []),
      ...windSpecs(parts),
      ...USED_GRID_FIELDS,
    ],
    // Six would let roughness grow along panel edges where the wind blows along them: nothing but upwind traces damps it.
    marginPoints: 4,
    derive: [
      { kernel: airPoint, bind: { point: 'airPoint' } },
      ...each.map(({ derive }) => derive),
      ...(limited ? [...windStages(parts), { kernel: room, bind: { airStart: 'air.start' } }] : []),
    ],
    tendency: [
      ...windStages(parts),
      ...AXES.flatMap((axis): Stage[] => [
        ...faceStages('air', axis),
        { kernel: airFlux, bind: { ...carriedBy(axis), S: `windShear${axis}`, ...meansOf('air', axis) } },
      ]),
      { kernel: airTendency, bind: { FX: 'massX', FY: 'massY', rate: 'air.rate' } },
      ...(limited ? rooms.stages : []),
      ...each.flatMap(({ tendency }) => tendency),
    ],
    edge: {
      reach: 1,
      lines: edges.flatMap(({ lines }) => lines),
      stages: edges.flatMap(({ stages }) => stages),
      results: edges.flatMap(({ results }) => results),
      overrides: edges.flatMap(({ overrides }) => overrides),
    },
    finish: [
      { kernel: takeAir, bind: { next: 'air.next', value: 'air', moving: 'moving0' } },
      ...tracers.map(
        ({ name }, k): Stage => ({
          kernel: takeTracer,
          bind: { next: `${name}.next`, value: name, before: `moving${k}`, moving: `moving${k + 1}` },
        }),
      ),
    ],
    activity: `moving${tracers.length}`,
    parameters: {},
    parametersAt: (seconds) => {
      const amplitudes = wind.amplitudes(seconds);
      return Object.fromEntries(amplitudes.map((amplitude, k) => [`wind${k + 1}`, amplitude]));
    },
    stepParameters: (timeStep) => ({ inverseStep: 1 / timeStep }),
    signalSpeed: () => wind.fastest,
    conserved: { field: 'air', needs: [], counts: () => true },
  };
}
