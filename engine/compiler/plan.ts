import { kernelGraph } from './front-end.ts';
import { fuseStages } from './fuse.ts';
import { createGraph, type Graph, type Node, reachable, transplant } from './graph.ts';
import { KernelError } from './kernel-error.ts';
import { type Override, type Pipeline, pipelineParams, SIDES, type Stage, type TileLayout } from './pipeline.ts';
import { inferRanges } from './ranges.ts';
import { placeRings, type Ring, type RingPlace } from './rings.ts';
import { orderRows } from './wavefront.ts';

/** Cells x0 ≤ i < x1, y0 ≤ j < y1; ghosts have negative indices or indices ≥ cells. */
export interface Box {
  readonly x0: number;
  readonly x1: number;
  readonly y0: number;
  readonly y1: number;
}

export interface Output {
  /** A field of the layout, or a transient. */
  readonly field: string;
  readonly node: Node;
}

/** A stage on its range of cells; reads carry field names. */
export interface RangedStage {
  readonly name: string;
  /** Place in the pipeline, and which of the kernel's outputs are wanted: kernel-local name → field. */
  readonly origin: readonly {
    readonly index: number;
    readonly stage: Stage;
    readonly wanted: ReadonlyMap<string, string>;
  }[];
  readonly graph: Graph;
  readonly outputs: readonly Output[];
  readonly box: Box;
  /** What the reduction takes the largest value of. */
  readonly maximum?: Node;
}

export interface SweepStage extends RangedStage {
  /** The stage works on row j at time j + delay. */
  readonly delay: number;
  /** A store of one output may change what another one has still to read. */
  readonly inPlace: boolean;
  readonly overrides: readonly Override[];
}

/** What a pipeline does on a tile, ready for any back end: ranges, order of rows, and where transients live. */
export interface Plan {
  readonly pipeline: Pipeline;
  readonly layout: TileLayout;
  readonly params: readonly string[];
  /** Stage after stage over the whole tile: the reference order. */
  readonly stages: readonly RangedStage[];
  /** The same work row by row. Rows of one time run in the order of this list. */
  readonly sweep: readonly SweepStage[];
  readonly firstTime: number;
  readonly lastTime: number;
  readonly transients: ReadonlyMap<string, Box>;
  readonly rings: readonly Ring[];
  readonly ringOf: ReadonlyMap<string, RingPlace>;
  readonly scratchBytes: number;
}

/** Bytes at the start of the scratch block where a running maximum is kept, one vector. */
export const MAXIMUM_BYTES = 64;

export interface PlanOptions {
  /**
   * Join stages that hand a transient on cell by cell; off unless told. Measured on the tsunami pipeline, it gains
   * nothing on V8: what it saves in loads it loses in spills (−8 % to +2 %). On a device it saves passes over memory.
   */
  readonly fuse?: boolean;
}

/** What a pipeline's stages compute, and on which cells. Throws KernelError. */
export function rangeStages(pipeline: Pipeline, layout: TileLayout): ReturnType<typeof inferRanges> {
  const bound = pipeline.stages.map((stage, index) => bindStage(pipeline, stage, index, layout));
  return inferRanges(pipeline, layout, bound);
}

export function planPipeline(pipeline: Pipeline, layout: TileLayout, options: PlanOptions = {}): Plan {
  const { stages, transients } = rangeStages(pipeline, layout);
  checkOverrides(pipeline, layout, transients);
  const joined = options.fuse ? fuseStages(stages, layout, pipeline.overrides ?? []) : stages;
  const delays = orderRows(joined, layout);
  const sweep = joined.map(
    (stage, k): SweepStage => ({
      ...stage,
      delay: delays[k]!,
      inPlace: readsOf(stage).some(({ name }) => stage.outputs.some(({ field }) => field === name)),
      overrides: (pipeline.overrides ?? []).filter(({ transient }) =>
        stage.outputs.some(({ field }) => field === transient),
      ),
    }),
  );
  const { rings, ringOf, scratchBytes } = placeRings(sweep, layout, transients);
  return {
    pipeline,
    layout,
    params: pipelineParams(pipeline),
    stages,
    sweep,
    firstTime: Math.min(...sweep.map(({ box, delay }) => box.y0 + delay)),
    lastTime: Math.max(...sweep.map(({ box, delay }) => box.y1 - 1 + delay)),
    transients,
    rings,
    ringOf,
    scratchBytes,
  };
}

/** A pipeline's stage with its kernel's names exchanged for field names. */
export interface BoundStage {
  readonly name: string;
  readonly index: number;
  readonly stage: Stage;
  readonly graph: Graph;
  /** In the order of the kernel's writes. */
  readonly outputs: readonly (Output & { readonly local: string })[];
}

function bindStage(pipeline: Pipeline, stage: Stage, index: number, layout: TileLayout): BoundStage {
  const { kernel, bind = {} } = stage;
  const where = `pipeline ${pipeline.name}, stage ${index + 1} (${kernel.name})`;
  const local = new Set<string>([...kernel.reads, ...kernel.writes]);
  for (const name of Object.keys(bind))
    if (!local.has(name))
      throw new KernelError(
        'BadBinding',
        `${where}: bind names ${name}, which the kernel neither reads nor writes (it has ${[...local].join(', ')}). Correct the name.`,
      );
  const fieldOf = (name: string): string => bind[name] ?? name;
  const source = kernelGraph(kernel, layout.precision);
  const graph = createGraph(layout.precision);
  const names = [...source.outputs.keys()];
  const roots = transplant([...source.outputs.values()], graph, (node) => {
    if (node.op !== 'read') return undefined;
    const field = fieldOf(node.name);
    const shape = layout.fields.get(field)?.shape;
    // A column is the same for every row, a row the same along it.
    return graph.read(field, shape === 'row' ? 0 : node.di, shape === 'column' ? 0 : node.dj);
  });
  const outputs = names.map((name, k) => ({ local: name, field: fieldOf(name), node: roots[k]! }));
  outputs.forEach(({ field }, k) => {
    if (outputs.findIndex((other) => other.field === field) !== k)
      throw new KernelError('BadBinding', `${where}: two results go to ${field}. Bind each to a field of its own.`);
    const shape = layout.fields.get(field)?.shape;
    if (shape !== undefined && shape !== 'cell')
      throw new KernelError(
        'BadBinding',
        `${where}: ${field} is a ${shape} field and cannot be written. Bind the result to a cell field or a transient.`,
      );
  });
  return { name: kernel.name, index, stage, graph, outputs };
}

/** Reads that the outputs (and the maximum) of a stage need. */
export function readsOf(stage: { readonly outputs: readonly Output[]; readonly maximum?: Node }): Node[] {
  const roots = stage.outputs.map(({ node }) => node);
  if (stage.maximum) roots.push(stage.maximum);
  return reachable(roots).filter(({ op }) => op === 'read');
}

function checkOverrides(pipeline: Pipeline, layout: TileLayout, transients: ReadonlyMap<string, Box>): void {
  const { overrides = [], stripLayout } = pipeline;
  for (const { transient, side, from } of overrides) {
    const where = `pipeline ${pipeline.name}, override of ${transient} on the ${side}`;
    const fault = (text: string) => new KernelError('BadOverride', `${where}: ${text}.`);
    if (!SIDES.includes(side)) throw fault(`there is no side ${side}. Use ${SIDES.join(', ')}`);
    const box = transients.get(transient);
    if (!box) throw fault('no stage computes such a transient that is needed. Name a transient');
    if (!stripLayout) throw fault('the pipeline has no stripLayout. Give the layout of the strips');
    if (stripLayout.precision !== layout.precision)
      throw fault(`the strips are ${stripLayout.precision}, the tile ${layout.precision}. Use one precision`);
    const shape = stripLayout.fields.get(from)?.shape;
    if (shape !== 'column' && shape !== 'cell')
      throw fault(`${from} is no column or cell field of the strips. Name one`);
    const along = side === 'west' || side === 'east' ? layout.cellsY : layout.cellsX;
    if (stripLayout.cellsX < along)
      throw fault(`strips hold ${stripLayout.cellsX} faces, the side has ${along}. Lay the strips out longer`);
    const [low, high] = side === 'west' || side === 'east' ? [box.x0, box.x1] : [box.y0, box.y1];
    const line = side === 'east' ? layout.cellsX : side === 'north' ? layout.cellsY : 0;
    if (line < low || line >= high)
      throw fault(
        `${transient} is needed from ${low} to ${high - 1} only, so line ${line} is not computed. Take the override away`,
      );
  }
}
