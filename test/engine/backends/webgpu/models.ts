import { stripLayoutOf, tileLayout } from '../../../../engine/backends/cpu/memory-plan.ts';
import type { Pipeline, TileLayout } from '../../../../engine/compiler/pipeline.ts';
import type { Model } from '../../../../engine/models/model.ts';
import { withOpenSides } from '../../../../engine/models/open-sides.ts';
import { shallowWater } from '../../../../engine/models/shallow-water.ts';
import { transport } from '../../../../engine/models/transport.ts';
import { TSUNAMI_DEFAULTS, tsunami } from '../../../../engine/models/tsunami.ts';
import { derivePipelines, rungeKutta4, stagePipelines } from '../../../../engine/timesteppers/runge-kutta.ts';
import { carriedState } from '../../../../scenarios/states/carried.ts';
import type { CarriedSettings } from '../../../../scenarios/states/index.ts';

export const RADIUS = 6.37122e6;
export const ROTATION = 7.292e-5;

const CARRIED: CarriedSettings = { name: 'nair-lauritzen-4', angle: 0, limited: true };

/** Every model, and of each the parts that some of its runs leave out. */
export const MODELS: readonly (readonly [string, Model])[] = [
  ['tsunami with tracers', tsunami({ ...TSUNAMI_DEFAULTS, tracers: ['dye', { name: 'salt', low: 0, high: 1 }] })],
  ['tsunami with open sides', withOpenSides(tsunami(TSUNAMI_DEFAULTS), { west: () => 0.5 })],
  [
    'shallow water with hyperdiffusion',
    shallowWater({
      gravity: 9.80616,
      rotation: [0, 0, ROTATION],
      planeCoriolis: 0,
      radius: RADIUS,
      hyperdiffusion: 1e10,
    }),
  ],
  ['transport', transport(carriedState(CARRIED))],
];

const FACES = 11;

/** All that a step of a model runs over a tile or a strip; the third stage differs from the second in its arrays alone. */
export function pipelinesOf(model: Model) {
  const layout = tileLayout(model, 'float32', FACES, 6, 3);
  const stripLayout = stripLayoutOf(model.edge!, 'float32', FACES);
  const parameters: Readonly<Record<string, number>> = {
    ...model.parameters,
    ...model.stepParameters?.(30, 1e4),
    ...model.parametersAt?.(1234),
    finalStep: 5,
    stageStep: 15,
    endTime: 30,
  };
  const stages = stagePipelines(model, rungeKutta4, stripLayout).filter((_, stage) => stage !== 2);
  const pipelines: readonly { readonly pipeline: Pipeline; readonly on: TileLayout }[] = [
    ...[...stages, ...derivePipelines(model, rungeKutta4).slice(0, 1)].map((pipeline) => ({ pipeline, on: layout })),
    { pipeline: { name: `${model.name}, panel edges`, stages: model.edge!.stages }, on: stripLayout },
  ];
  return { layout, stripLayout, parameter: (name: string) => parameters[name] ?? 0, pipelines };
}

/** Random values of fields, of the size that they have on the globe: land, sea and thin water in any order, or deep water. */
export const fieldValues =
  (random: () => number, deep: boolean) =>
  (field: string): number => {
    const r = random();
    if (/bed/i.test(field)) return deep || random() < 0.5 ? -4000 * (0.2 + r) : 20 * (r - 0.5);
    if (/surface|eta/i.test(field)) return 2 * (r - 0.5);
    if (field === 'inverseArea') return 1e-8 * (1 + r);
    if (field.startsWith('length')) return 1e4 * (1 + r);
    if (/^(?:through|shear|room)/.test(field)) return 1e6 * (r - 0.5);
    if (field.startsWith('air')) return 1 + 0.1 * r;
    if (field.startsWith('open')) return Math.floor(3 * r) - 1;
    if (field === 'orientation') return r < 0.5 ? -1 : 1;
    if (/stretch/i.test(field)) return 0.02 * (r - 0.5);
    return r - 0.5;
  };
