import { createGraph, type Node, transplant } from './graph.ts';
import { KernelError } from './kernel-error.ts';
import type { FieldShape, Pipeline, TileLayout } from './pipeline.ts';
import { type BoundStage, type Box, type Output, type RangedStage, readsOf } from './plan.ts';

const join = (a: Box | undefined, b: Box): Box =>
  a === undefined
    ? b
    : { x0: Math.min(a.x0, b.x0), x1: Math.max(a.x1, b.x1), y0: Math.min(a.y0, b.y0), y1: Math.max(a.y1, b.y1) };

const sameBox = (a: Box, b: Box): boolean => a.x0 === b.x0 && a.x1 === b.x1 && a.y0 === b.y0 && a.y1 === b.y1;

/** The cells that a stage on the box reads at an offset. */
const shifted = (box: Box, { di, dj }: Node): Box => ({
  x0: box.x0 + di,
  x1: box.x1 + di,
  y0: box.y0 + dj,
  y1: box.y1 + dj,
});

export interface Ranges {
  readonly stages: readonly RangedStage[];
  readonly transients: ReadonlyMap<string, Box>;
}

/**
 * Goes back from the pipeline's results to the cells each stage must work on. Results that nobody needs are dropped; a
 * stage that writes both fields (on the interior) and transients on more than that becomes two.
 */
export function inferRanges(pipeline: Pipeline, layout: TileLayout, bound: readonly BoundStage[]): Ranges {
  const interior: Box = { x0: 0, x1: layout.cellsX, y0: 0, y1: layout.cellsY };
  const { maximum } = pipeline;
  checkOrder(pipeline, layout, bound);

  const needed = new Map<string, Box>();
  const stages: RangedStage[] = [];
  if (maximum !== undefined) {
    needed.set(maximum, interior);
    const graph = createGraph(layout.precision);
    stages.push({
      name: `maximum of ${maximum}`,
      origin: [],
      graph,
      outputs: [],
      box: interior,
      maximum: graph.read(maximum, 0, 0),
    });
  }

  const need = (stage: RangedStage) => {
    for (const read of readsOf(stage)) {
      const box = shifted(stage.box, read);
      const field = layout.fields.get(read.name);
      if (field) checkHalo(pipeline, layout, stage, read, box, field.shape);
      else needed.set(read.name, join(needed.get(read.name), box));
    }
  };

  for (let index = bound.length - 1; index >= 0; index--) {
    const stage = bound[index]!;
    const stored = stage.outputs.filter(({ field }) => layout.fields.has(field));
    const handedOn = stage.outputs.filter(({ field }) => needed.has(field));
    if (stored.length + handedOn.length === 0)
      throw new KernelError(
        'StageOrder',
        `pipeline ${pipeline.name}, stage ${index + 1} (${stage.name}): nothing needs its results ` +
          `(${stage.outputs.map(({ field }) => field).join(', ')}). Bind one to a field of the layout or read it later, or take the stage away.`,
      );
    const box = handedOn.reduce<Box | undefined>((sum, { field }) => join(sum, needed.get(field)!), undefined);
    const parts: RangedStage[] =
      box === undefined || stored.length === 0 || sameBox(box, interior)
        ? [
            part(
              stage,
              layout,
              [...stage.outputs].filter((output) => stored.includes(output) || handedOn.includes(output)),
              box ?? interior,
            ),
          ]
        : [part(stage, layout, handedOn, box), part(stage, layout, stored, interior)];
    for (const each of parts) need(each);
    stages.unshift(...parts);
  }
  // Every output of a stage is computed on the stage's whole range.
  const transients = new Map<string, Box>();
  for (const { outputs, box } of stages)
    for (const { field } of outputs) if (!layout.fields.has(field)) transients.set(field, box);
  checkNewValues(pipeline, layout, stages, interior);
  return { stages, transients };
}

function part(stage: BoundStage, layout: TileLayout, outputs: BoundStage['outputs'], box: Box): RangedStage {
  const graph = createGraph(layout.precision);
  const roots = transplant(
    outputs.map(({ node }) => node),
    graph,
    () => undefined,
  );
  return {
    name: stage.name,
    origin: [
      { index: stage.index, stage: stage.stage, wanted: new Map(outputs.map(({ local, field }) => [local, field])) },
    ],
    graph,
    outputs: outputs.map(({ field }, k): Output => ({ field, node: roots[k]! })),
    box,
  };
}

/** Every transient has one writer, before all its readers. */
function checkOrder(pipeline: Pipeline, layout: TileLayout, bound: readonly BoundStage[]): void {
  const writer = new Map<string, number>();
  bound.forEach((stage, index) => {
    const where = `pipeline ${pipeline.name}, stage ${index + 1} (${stage.name})`;
    for (const { name } of readsOf(stage)) {
      if (layout.fields.has(name) || writer.has(name)) continue;
      const own = stage.outputs.some(({ field }) => field === name);
      throw new KernelError(
        'StageOrder',
        `${where}: it reads ${name}, which is no field of the layout and ${own ? 'is written by this very stage' : 'no earlier stage writes'}. ` +
          'Add the field to the layout, or write it in an earlier stage.',
      );
    }
    for (const { field } of stage.outputs) {
      if (layout.fields.has(field)) continue;
      const other = writer.get(field);
      if (other !== undefined)
        throw new KernelError(
          'StageOrder',
          `${where}: it writes the transient ${field}, which stage ${other + 1} (${bound[other]!.name}) has written. Bind one of them to another name.`,
        );
      writer.set(field, index);
    }
  });
  const { maximum } = pipeline;
  if (maximum !== undefined && !writer.has(maximum))
    throw new KernelError(
      'BadMaximum',
      `pipeline ${pipeline.name}: maximum names ${maximum}, which is no transient that a stage writes. Name one.`,
    );
}

function checkHalo(
  pipeline: Pipeline,
  layout: TileLayout,
  stage: RangedStage,
  read: Node,
  box: Box,
  shape: FieldShape,
): void {
  const { cellsX, cellsY, halo } = layout;
  const along = shape === 'row' ? 0 : Math.max(-box.x0, box.x1 - cellsX);
  const across = shape === 'column' ? 0 : Math.max(-box.y0, box.y1 - cellsY);
  const ghosts = Math.max(along, across);
  if (ghosts <= halo) return;
  throw new KernelError(
    'OutsideHalo',
    `pipeline ${pipeline.name}, kernel ${stage.name}: ${read.name}(${read.di}, ${read.dj}) is read ${ghosts} cells outside the tile, ` +
      `whose halo is ${halo}. Widen the halo to ${ghosts}, or narrow the stencil.`,
  );
}

/** A field that an earlier stage has written is new only in its own cell. */
function checkNewValues(pipeline: Pipeline, layout: TileLayout, stages: readonly RangedStage[], interior: Box): void {
  const writtenBy = new Map<string, RangedStage>();
  for (const stage of stages) {
    for (const read of readsOf(stage)) {
      const writer = writtenBy.get(read.name);
      // The two halves of one stage both see what was there before it.
      if (!writer || writer.origin[0]?.index === stage.origin[0]?.index) continue;
      const where = `pipeline ${pipeline.name}, kernel ${stage.name}`;
      if (read.di !== 0 || read.dj !== 0)
        throw new KernelError(
          'StageOrder',
          `${where}: it reads ${read.name}(${read.di}, ${read.dj}), which kernel ${writer.name} writes earlier in this pipeline; ` +
            'the ghosts around it are not filled in between. Read it at (0, 0), write it to a transient first, or use two pipelines.',
        );
      if (!sameBox(stage.box, interior))
        throw new KernelError(
          'StageOrder',
          `${where}: it reads ${read.name} after kernel ${writer.name} has written it, but on ghosts too, where there is no new value. ` +
            'Write it to a transient first, or use two pipelines.',
        );
    }
    for (const { field } of stage.outputs) if (layout.fields.has(field)) writtenBy.set(field, stage);
  }
}
