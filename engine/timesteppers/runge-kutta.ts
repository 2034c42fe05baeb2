import type { Pipeline, Stage, TileLayout } from '../compiler/pipeline.ts';
import { advanceFirst, advanceLast, advanceMiddle, copyCell } from '../kernels/advance.ts';
import type { FieldSpec, Model, StagePlace } from '../models/model.ts';

/**
 * A Runge–Kutta scheme in which each stage starts from the last one's rate alone:
 * y₁ = y, yₛ₊₁ = y + nodes[s] Δt k(yₛ), y_new = y + Δt/divisor Σ weights[s] k(yₛ).
 */
export interface RungeKutta {
  readonly name: string;
  readonly order: number;
  readonly nodes: readonly number[];
  readonly weights: readonly number[];
  readonly divisor: number;
}

/** Kutta (1901), the classical fourth-order scheme. */
export const rungeKutta4: RungeKutta = {
  name: 'runge-kutta-4',
  order: 4,
  nodes: [1 / 2, 1 / 2, 1],
  weights: [1, 2, 2, 1],
  divisor: 6,
};

/** Wicker & Skamarock (2002) eq. 3: third order for linear equations. */
export const wickerSkamarock3: RungeKutta = {
  name: 'wicker-skamarock-3',
  order: 3,
  nodes: [1 / 3, 1 / 2],
  weights: [0, 0, 1],
  divisor: 1,
};

export const RUNGE_KUTTA: Readonly<Record<string, RungeKutta>> = {
  [rungeKutta4.name]: rungeKutta4,
  [wickerSkamarock3.name]: wickerSkamarock3,
};

/** Times of a scheme's stages, from the start of the step, in steps. */
export const stageTimes = ({ nodes }: RungeKutta): readonly number[] => [0, ...nodes];

/** The arrays in which a prognostic field lives through a step. `start` holds the state between steps. */
export const START = 'start';
const buffers = ['a', 'b'] as const;

/** Name in the tile's layout of the array that stage `stage` reads a prognostic from. */
export function stageInput(prognostic: string, stage: number): string {
  return stage === 0 ? `${prognostic}.${START}` : `${prognostic}.${buffers[(stage - 1) % 2]}`;
}

/** All arrays that a prognostic field needs in a tile. */
export function storageOf(prognostic: string): readonly string[] {
  return [START, ...buffers, 'sum'].map((part) => `${prognostic}.${part}`);
}

const isPrognostic = (field: FieldSpec) => field.role === 'prognostic';

function plainAdvance(field: string, place: StagePlace, weight: number): Stage[] {
  const bind = { start: `${field}.start`, rate: `${field}.rate`, sum: `${field}.sum`, value: `${field}.value` };
  const make = { first: advanceFirst, middle: advanceMiddle, last: advanceLast }[place];
  return [{ kernel: make(weight), bind }];
}

/** The arrays that stages of a Runge–Kutta stage find prognostics in: the state that it starts from, and where it goes to. */
const namesIn =
  (names: ReadonlySet<string>, stage: number, last: boolean, finishing: boolean) =>
  (name: string): string => {
    const [base, part] = name.split('.') as [string, string?];
    if (!names.has(base)) return name;
    if (part === undefined) return finishing ? `${base}.${START}` : stageInput(base, stage);
    if (part === 'value') return last ? `${base}.next` : stageInput(base, stage + 1);
    return name;
  };

const bindStages = (list: readonly Stage[], rename: (name: string) => string): Stage[] =>
  list.map(({ kernel, bind }) => ({
    kernel,
    bind: Object.fromEntries(
      [...kernel.reads, ...kernel.writes].map((local) => [local, rename(bind?.[local] ?? local)]),
    ),
  }));

/** One pipeline for each stage of the scheme that writes the derived fields from its state; none for a model without. */
export function derivePipelines({ name, fields, derive }: Model, scheme: RungeKutta): Pipeline[] {
  if (!derive) return [];
  const names = new Set(fields.filter(isPrognostic).map((field) => field.name));
  return scheme.weights.map((_, stage) => ({
    name: `${name}, derived fields of stage ${stage + 1}`,
    stages: bindStages(derive, namesIn(names, stage, false, false)),
  }));
}

/** One pipeline for each stage of the scheme: tendency, combination and, in the last, the model's `finish`. */
export function stagePipelines(model: Model, scheme: RungeKutta, stripLayout?: TileLayout): Pipeline[] {
  const prognostics = model.fields.filter(isPrognostic);
  const names = new Set(prognostics.map((field) => field.name));
  const stages = scheme.weights.length;
  return scheme.weights.map((weight, stage) => {
    const last = stage === stages - 1;
    const place: StagePlace = last ? 'last' : stage === 0 ? 'first' : 'middle';
    const bound = (list: readonly Stage[], finishing: boolean) =>
      bindStages(list, namesIn(names, stage, last, finishing));
    const advance = prognostics.flatMap((field) =>
      field.advance ? [...field.advance(place, weight)] : plainAdvance(field.name, place, weight),
    );
    const finish =
      model.finish ?? prognostics.map(({ name }) => ({ kernel: copyCell, bind: { from: `${name}.next`, to: name } }));
    return {
      name: `${model.name}, ${scheme.name} stage ${stage + 1}`,
      stages: [...bound(model.tendency, false), ...bound(advance, false), ...(last ? bound(finish, true) : [])],
      ...(model.edge && stripLayout
        ? {
            stripLayout,
            overrides: model.edge.overrides.flatMap(({ transient, sides, from }) =>
              sides.map((side) => ({ transient, side, from })),
            ),
          }
        : {}),
      ...(last && model.activity ? { maximum: model.activity } : {}),
    };
  });
}
