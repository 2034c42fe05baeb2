import { KernelError } from './kernel-error.ts';
import type { FieldShape, TileLayout } from './pipeline.ts';
import type { Plan, SweepStage } from './plan.ts';

/** Up to four arrays in one texture, a channel each: what one fragment shader can write. */
export interface Quad {
  readonly name: string;
  readonly shape: FieldShape;
  /** Array of each channel. */
  readonly fields: readonly string[];
}

/** The largest-value field of a pipeline has no array on the processor; here it is a channel. */
export const MAXIMUM = '(maximum)';

export const CHANNELS = 4;

/**
 * The arrays of a layout in as few textures as kernels can write: arrays that the same stages of all pipelines write lie
 * together, in the order of the layout; those of different kinds do not.
 */
export function packFields(
  layout: TileLayout,
  plans: readonly Plan[],
  kindOf: (field: string) => string = () => '',
): readonly Quad[] {
  const writers = new Map<string, string>();
  plans.forEach((plan, p) => {
    plan.sweep.forEach((stage, s) => {
      for (const field of writtenBy(stage)) writers.set(field, `${writers.get(field) ?? ''} ${p}.${s}`);
    });
  });
  const together = new Map<string, { shape: FieldShape; fields: string[] }>();
  const put = (field: string, shape: FieldShape) => {
    const key = `${shape} ${kindOf(field)} ${writers.get(field) ?? ''}`;
    const group = together.get(key) ?? { shape, fields: [] };
    together.set(key, group);
    group.fields.push(field);
  };
  for (const { name, shape } of layout.fields.values()) put(name, shape);
  if (writers.has(MAXIMUM)) put(MAXIMUM, 'cell');
  return [...together.values()].flatMap(({ shape, fields }) => inFours(fields, shape));
}

/** Arrays that a stage writes, its largest value among them. */
export const writtenBy = ({ outputs, maximum }: SweepStage): string[] => [
  ...outputs.map(({ field }) => field),
  ...(maximum ? [MAXIMUM] : []),
];

/** Quads of a plan's transients: those of one stage together. They live from that stage to the last that reads them. */
export const packTransients = ({ sweep, transients }: Plan): readonly Quad[] =>
  sweep.flatMap((stage) =>
    inFours(
      writtenBy(stage).filter((field) => transients.has(field)),
      'cell',
    ),
  );

const inFours = (fields: readonly string[], shape: FieldShape): Quad[] =>
  Array.from({ length: Math.ceil(fields.length / CHANNELS) }, (_, k) => {
    const some = fields.slice(k * CHANNELS, (k + 1) * CHANNELS);
    return { name: some[0]!, shape, fields: some };
  });

/** Where each array lies. Throws KernelError for an array that no quad holds. */
export function placesOf(quads: readonly Quad[]): (field: string) => { readonly quad: Quad; readonly channel: number } {
  const places = new Map(
    quads.flatMap((quad) => quad.fields.map((field, channel) => [field, { quad, channel }] as const)),
  );
  return (field) => {
    const place = places.get(field);
    if (!place) throw new KernelError('BadBinding', `no texture holds ${field}. Pack the fields of its own layout.`);
    return place;
  };
}
