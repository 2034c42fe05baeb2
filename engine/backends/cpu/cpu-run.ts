import { compilePipelineModule, layoutKey, type PipelineModule } from '../../compiler/compile.ts';
import { compileGather, writeGatherTable } from '../../compiler/gather.ts';
import {
  bytesPerElement,
  elementIndex,
  type FieldLayout,
  isDeviceForm,
  type KernelForm,
  type Pipeline,
  type Precision,
  type TileLayout,
} from '../../compiler/pipeline.ts';
import type { Grid } from '../../grid/grid.ts';
import type { Model } from '../../models/model.ts';
import { derivePipelines, type RungeKutta, START, stagePipelines, stageTimes } from '../../timesteppers/runge-kutta.ts';
import { CONTROL } from './barrier.ts';
import { type ExchangePlan, type Ownership, planExchange, roundsOf } from './exchange-plan.ts';
import { layoutsOf, type MemoryPlan, planMemory, planShare, type TrustSource } from './memory-plan.ts';
import type { SamplePlan, ThreadMemory, TimePlan } from './tile-runner.ts';
import { writeGeometry } from './write-geometry.ts';

const PAGE = 65536;
const align = (value: number) => Math.ceil(value / 64) * 64;

/** Amounts for some cells, by cell number: panel · cellsX · cellsY + row-major position in the panel. */
export interface CellChange {
  readonly cells: Uint32Array;
  readonly amounts: Float64Array;
}

/** One row-major array a panel. */
export type PanelArrays = readonly (Float32Array | Float64Array)[];

/** A point at which a field is recorded every step: cells of one field with weights. */
export interface SamplePoint {
  readonly field: string;
  readonly cells: readonly {
    readonly panel: number;
    readonly i: number;
    readonly j: number;
    readonly weight: number;
  }[];
}

export interface CpuRunOptions {
  readonly grid: Grid;
  readonly model: Model;
  readonly scheme: RungeKutta;
  readonly precision: Precision;
  readonly form: KernelForm;
  /** Seconds. */
  readonly timeStep: number;
  /** Narrowest distance [m] across any cell, see `stepLimits`. */
  readonly narrowest: number;
  readonly threads: number;
  /** Put the memory where several threads can see it. */
  readonly shared: boolean;
  readonly skipRest: boolean;
  readonly trust: TrustSource;
  readonly samples: readonly SamplePoint[];
  /** Steps for which samples are kept before they are overwritten. */
  readonly sampleCapacity: number;
  /** Tiles that this process computes; all unless told. */
  readonly ownership?: Ownership;
}

/** Everything a thread needs to join a run: plain data, shared memory and compiled modules. */
export interface ThreadSetup {
  readonly plan: MemoryPlan;
  readonly memory: WebAssembly.Memory;
  readonly form: KernelForm;
  readonly stages: readonly PipelineModule[];
  /** One a stage, or none: what writes the derived fields. */
  readonly derives: readonly PipelineModule[];
  readonly strip: PipelineModule | undefined;
  readonly exchanged: readonly Pick<Model['fields'][number], 'name' | 'reversedBy'>[];
  readonly derived: readonly Pick<Model['fields'][number], 'name' | 'reversedBy'>[];
  readonly edgeLines: NonNullable<Model['edge']>['lines'];
  readonly samples: SamplePlan | undefined;
  readonly times: TimePlan | undefined;
  readonly skipRest: boolean;
  readonly share: { readonly owned: Uint8Array; readonly exposed: Uint8Array } | undefined;
  readonly parameters: Readonly<Record<string, number>>;
  readonly stageSteps: readonly number[];
  readonly timeStep: number;
  readonly thread: ThreadMemory;
}

/**
 * The memory of a run on this machine's processor, and what the caller may read and write there between calls of
 * `advance`. Threads (or the caller itself) do the stepping through `TileRunner`s made from `setups`.
 */
export class CpuRun {
  readonly options: CpuRunOptions;
  readonly plan: MemoryPlan;
  readonly memory: WebAssembly.Memory;
  readonly setups: readonly ThreadSetup[];
  /** What is exchanged with other processes, where this one computes a share of the tiles. */
  readonly exchangePlan: ExchangePlan | undefined;
  private readonly values: Float32Array | Float64Array;
  private readonly layouts = new Map<string, FieldLayout>();
  /** Fields that a device has newer values of, and those that have been written here since it last asked. */
  private readonly away = new Set<string>();
  private readonly written = new Set<string>();

  constructor(options: CpuRunOptions) {
    this.options = options;
    const { grid, model, scheme, precision, form, timeStep } = options;
    const { ownership } = options;
    if (isDeviceForm(form) && precision !== 'float32')
      throw new Error('NeedsFloat32: a device computes in float32 only. Use precision: float32, or the processor.');
    const planWith = ownership ? planShare : planMemory;
    const { plan, tables, reads } = planWith(grid, model, precision, options.trust);
    this.plan = plan;
    const { stages: stagesOf, derives: derivesOf, strip } = pipelinesOf(model, scheme, plan.stripLayout);
    const stages = stagesOf.map((pipeline) => compilePipelineModule(pipeline, plan.layout, form, options.shared));
    const stripModule = strip && compilePipelineModule(strip, plan.stripLayout!, form, options.shared);

    let next = plan.bytes;
    const allocate = (bytes: number) => {
      const address = next;
      next = align(next + bytes);
      return address;
    };
    const derives = derivesOf.map((pipeline) => compilePipelineModule(pipeline, plan.layout, form, options.shared));
    const blocks = [...stages, ...derives, ...(stripModule ? [stripModule] : [])];
    const scratchBytes = Math.max(...blocks.map((module) => module.scratchBytes));
    const threads = Array.from(
      { length: options.threads },
      (_, thread): ThreadMemory => ({
        thread,
        threads: options.threads,
        scratch: allocate(scratchBytes),
        params: blocks.map((module) => allocate(module.params.length * 8)),
      }),
    );
    const samples = this.planSamples(allocate);
    this.exchangePlan = ownership && planExchange(plan, roundsOf(plan, model, scheme), reads, samples, ownership);
    const names = Object.keys(model.parametersAt?.(0) ?? {});
    const capacity = options.sampleCapacity;
    const times =
      names.length > 0
        ? { names, capacity, series: allocate(capacity * scheme.weights.length * names.length * 8) }
        : undefined;
    const pages = Math.ceil((next + PAGE) / PAGE);
    if (pages > 65536) {
      throw new Error(
        `RunTooLarge: ${grid.tiles.length} tiles of ${grid.tileX} × ${grid.tileY} cells in ${precision} need ` +
          `${Math.ceil(next / 2 ** 20)} MiB, a process can address 4096. Use fewer cells, or precision: float32.`,
      );
    }
    try {
      this.memory = new WebAssembly.Memory({ initial: pages, maximum: pages, shared: options.shared });
    } catch (cause) {
      throw new Error(
        `RunTooLarge: this machine would not give the ${Math.ceil((pages * PAGE) / 2 ** 20)} MiB that the run needs. Free memory, or use fewer cells, or precision: float32.`,
        { cause },
      );
    }
    this.values =
      precision === 'float32'
        ? new Float32Array(this.memory.buffer, 0, (pages * PAGE) / 4)
        : new Float64Array(this.memory.buffer, 0, (pages * PAGE) / 8);
    for (const table of tables) writeGatherTable(this.memory, precision, table);
    const parameters = {
      ...model.parameters,
      ...model.stepParameters?.(timeStep, options.narrowest),
      finalStep: timeStep / scheme.divisor,
    };
    this.setups = threads.map((thread) => ({
      plan,
      memory: this.memory,
      form,
      stages,
      derives,
      strip: stripModule,
      exchanged: exchangedOf(model, 'prognostic'),
      derived: exchangedOf(model, 'derived'),
      edgeLines: model.edge?.lines ?? [],
      samples,
      times,
      skipRest:
        // A tile at rest may be woken by what changes in time, not by its neighbours alone.
        options.skipRest &&
        model.activity !== undefined &&
        model.parametersAt === undefined &&
        Math.min(grid.tileX, grid.tileY) >= SMALLEST_SKIPPED_TILE,
      share: this.exchangePlan && { owned: this.exchangePlan.owned, exposed: this.exchangePlan.exposed },
      parameters,
      stageSteps: scheme.nodes.map((node) => node * timeStep),
      timeStep,
      thread,
    }));
    writeGeometry(grid, plan, this.memory, model.edge?.reach ?? 0);
  }

  /** Tells that a device has newer values of some fields than this memory: reading one is an error until it is `returned`. */
  sentAway(fields: readonly string[]): void {
    for (const field of fields) this.away.add(field);
  }

  /** Of some fields, those that a device has newer values of. */
  awayOf(fields: readonly string[]): readonly string[] {
    return fields.filter((field) => this.away.has(field));
  }

  /** Tells that a field's newest values have come back into this memory. */
  returned(field: string): void {
    this.away.delete(field);
  }

  /** Fields that have been written here since the last call. */
  takeWritten(): readonly string[] {
    const fields = [...this.written];
    this.written.clear();
    return fields;
  }

  /** Has the threads come back after their present step, or not. */
  askForPause(wanted: boolean): void {
    Atomics.store(
      new Int32Array(this.memory.buffer, this.plan.control, CONTROL.cells),
      CONTROL.pauseAsked,
      Number(wanted),
    );
  }

  /**
   * Sets a field everywhere from one row-major array a panel; a prognostic's state, or a static or diagnostic field. One
   * that lives on faces or corners has one value more along a row, a column or both.
   */
  write(field: string, panels: PanelArrays): void {
    const { grid, model } = this.options;
    const { layout } = this.plan;
    const { offset } = this.fieldLayout(field);
    this.written.add(field);
    this.away.delete(field);
    const place = model.fields.find(({ name }) => name === field)?.at ?? 'cell';
    const moreColumns = place === 'west-face' || place === 'corner' ? 1 : 0;
    const moreRows = place === 'south-face' || place === 'corner' ? 1 : 0;
    const across = grid.cellsX + moreColumns;
    for (const tile of grid.tiles) {
      const base = (this.plan.tiles[tile.id]!.base + offset) / bytesPerElement(layout.precision);
      for (let j = 0; j < grid.tileY + moreRows; j++) {
        const to = base + elementIndex(layout, 'cell', 0, j);
        const from = (tile.j0 + j) * across + tile.i0;
        const row = panels[tile.panel]!;
        // + 0 makes −0 a 0, as steps leave it: bits must not tell a skipped tile from a computed one.
        for (let i = 0; i < grid.tileX + moreColumns; i++) this.values[to + i] = row[from + i]! + 0;
      }
    }
  }

  /** Copies a field's interior cells into one array a panel, in the run's precision. */
  read(field: string): (Float32Array | Float64Array)[] {
    const { grid } = this.options;
    const cells = grid.cellsX * grid.cellsY;
    const make = () => (this.options.precision === 'float32' ? new Float32Array(cells) : new Float64Array(cells));
    const panels = Array.from({ length: grid.panels }, make);
    const { layout } = this.plan;
    const width = bytesPerElement(layout.precision);
    const { offset } = this.presentLayout(field);
    for (const tile of grid.tiles) {
      const base = this.plan.tiles[tile.id]!.base;
      for (let j = 0; j < grid.tileY; j++) {
        const from = (base + offset) / width + elementIndex(layout, 'cell', 0, j);
        panels[tile.panel]!.set(this.values.subarray(from, from + grid.tileX), (tile.j0 + j) * grid.cellsX + tile.i0);
      }
    }
    return panels;
  }

  /** Adds to some of a field's cells, in the run's precision; none falls below its floor. */
  add(field: string, { cells, amounts }: CellChange): void {
    const element = this.elementsOf(field);
    this.written.add(field);
    const floor = this.options.model.floors?.[field];
    const ground = floor === undefined ? undefined : this.elementsOf(floor);
    for (let k = 0; k < cells.length; k++) {
      const at = element(cells[k]!);
      const value = this.values[at]! + amounts[k]!;
      this.values[at] = ground ? Math.max(value, Math.min(this.values[at]!, this.values[ground(cells[k]!)]!)) : value;
    }
  }

  /** Values of a field in some cells. */
  readCells(field: string, cells: Uint32Array): Float64Array {
    const element = this.elementsOf(field);
    return Float64Array.from(cells, (cell) => this.values[element(cell)]!);
  }

  /** Those of some cells that this process computes. */
  ownCells(cells: Uint32Array): Uint32Array {
    const plan = this.exchangePlan;
    return plan ? cells.filter((cell) => plan.owned[this.tileOf(cell)] === 1) : cells;
  }

  /** A change of the cells that this process computes. */
  ownPart(change: CellChange): CellChange {
    const plan = this.exchangePlan;
    if (!plan) return change;
    const isOwn = (_: number, k: number) => plan.owned[this.tileOf(change.cells[k]!)] === 1;
    return { cells: change.cells.filter(isOwn), amounts: change.amounts.filter(isOwn) };
  }

  /** Places of the samples that this process takes: those whose first cell it computes. */
  ownSamples(): number[] {
    const { samples, grid } = this.options;
    const perPanel = grid.cellsX * grid.cellsY;
    return [...samples.keys()].filter((k) => {
      const { panel, i, j } = samples[k]!.cells[0]!;
      return this.ownCells(Uint32Array.of(panel * perPanel + j * grid.cellsX + i)).length > 0;
    });
  }

  /** Of each tile, 1 where it has work to do in the next step, 0 where it rests; of another process's tiles as far as is known. */
  busyTiles(): Uint8Array {
    const { memory, plan, setups } = this;
    if (!setups[0]!.skipRest) return new Uint8Array(plan.tiles.length).fill(1);
    const activity = new Int32Array(memory.buffer, plan.activity, plan.tiles.length);
    return Uint8Array.from(plan.tiles, ({ sources }, tile) =>
      activity[tile] !== 0 || sources.some((source) => activity[source] !== 0) ? 1 : 0,
    );
  }

  /** Bytes of a tile's cells in some fields, one after the other, in the run's precision. */
  readTile(tile: number, fields: readonly string[]): Uint8Array {
    const rows = this.rowsOf(tile, fields);
    const out = new Uint8Array(rows.reduce((sum, { byteLength }) => sum + byteLength, 0));
    let to = 0;
    for (const row of rows) {
      out.set(new Uint8Array(row.buffer, row.byteOffset, row.byteLength), to);
      to += row.byteLength;
    }
    return out;
  }

  /** Sets a tile's cells from what `readTile` gave. Throws BadTile for another number of bytes. */
  writeTile(tile: number, fields: readonly string[], bytes: Uint8Array): void {
    const rows = this.rowsOf(tile, fields);
    for (const field of fields) this.written.add(field);
    const due = rows.reduce((sum, { byteLength }) => sum + byteLength, 0);
    if (bytes.length !== due)
      throw new Error(
        `BadTile: ${bytes.length} bytes for tile ${tile}, where ${due} are due. Take another checkpoint.`,
      );
    let from = 0;
    for (const row of rows) {
      new Uint8Array(row.buffer, row.byteOffset, row.byteLength).set(bytes.subarray(from, from + row.byteLength));
      from += row.byteLength;
    }
  }

  /** Rows of a tile's interior cells, field after field. */
  private rowsOf(tile: number, fields: readonly string[]): (Float32Array | Float64Array)[] {
    const { layout, tiles } = this.plan;
    const { tileX, tileY } = this.options.grid;
    const width = bytesPerElement(layout.precision);
    return fields.flatMap((field) => {
      const base = (tiles[tile]!.base + this.presentLayout(field).offset) / width;
      return Array.from({ length: tileY }, (_, j) => {
        const from = base + elementIndex(layout, 'cell', 0, j);
        return this.values.subarray(from, from + tileX);
      });
    });
  }

  /** Fills the ghosts, and the strips' lines, of a static field that has been written. */
  exchange(field: string): void {
    const { offset } = this.presentLayout(field);
    this.written.add(field);
    const { precision, form } = this.options;
    const gatherTo = (targets: readonly number[]) =>
      compileGather(
        precision,
        this.memory,
        form,
        targets.map((to) => ({ from: offset, to, sign: 1 })),
      );
    const { stripLayout } = this.plan;
    const lines = this.setups[0]!.edgeLines.filter(({ from }) => stripLayout !== undefined && from === field);
    const linesOf = (wanted: 'own' | 'partner') =>
      lines.filter(({ side }) => side === wanted).map((line) => stripLayout!.fields.get(line.field)!.offset);
    const fill = gatherTo([offset]);
    const [ownLines, partnerLines] = [gatherTo(linesOf('own')), gatherTo(linesOf('partner'))];
    for (const { gathers, strips } of this.plan.tiles) {
      for (const { address, count, width } of gathers) fill(address, count, width);
      for (const { own, partner } of strips) {
        for (const { address, count, width } of own) ownLines(address, count, width);
        for (const { address, count, width } of partner) partnerLines(address, count, width);
      }
    }
  }

  /** Marks the tiles of cells that have been changed from outside. */
  markChanged(cells: Uint32Array): void {
    const { grid } = this.options;
    const activity = new Int32Array(this.memory.buffer, this.plan.activity, grid.tiles.length);
    for (const cell of cells) activity[this.tileOf(cell)] = 1;
  }

  /** Marks every tile that is not at rest; to be called after whole fields of the state have been written. */
  markActivity(): void {
    const { model, grid, precision } = this.options;
    const round = precision === 'float32' ? Math.fround : (x: number) => x;
    const activity = new Int32Array(this.memory.buffer, this.plan.activity, grid.tiles.length);
    const { layout } = this.plan;
    const rest = Object.entries(model.rest ?? {});
    let element = 0;
    const bases = new Map(
      [...model.fields].map(({ name }) => [name, this.presentLayout(name).offset / bytesPerElement(precision)]),
    );
    const value = (field: string) => this.values[bases.get(field)! + element]!;
    for (const tile of grid.tiles) {
      const base = this.plan.tiles[tile.id]!.base / bytesPerElement(precision);
      let moving = model.rest ? 0 : 1;
      for (let j = 0; j < grid.tileY && moving === 0; j++) {
        for (let i = 0; i < grid.tileX && moving === 0; i++) {
          element = base + elementIndex(layout, 'cell', i, j);
          for (const [field, atRest] of rest) if (value(field) !== round(atRest(value))) moving = 1;
        }
      }
      activity[tile.id] = moving;
    }
  }

  /** Writes the parameters that change in time for some steps ahead, no more than `sampleCapacity`. */
  writeTimes(step: number, steps: number): void {
    const { model, scheme, timeStep } = this.options;
    const { times } = this.setups[0]!;
    if (!times || !model.parametersAt) return;
    const rows = new Float64Array(
      this.memory.buffer,
      times.series,
      times.capacity * scheme.weights.length * times.names.length,
    );
    for (let ahead = step; ahead < step + steps; ahead++)
      stageTimes(scheme).forEach((fraction, stage) => {
        const values = model.parametersAt!((ahead + fraction) * timeStep);
        const row = ((ahead % times.capacity) * scheme.weights.length + stage) * times.names.length;
        times.names.forEach((name, column) => {
          rows[row + column] = values[name]!;
        });
      });
  }

  /** Samples taken at the start of a step that lies no further back than `sampleCapacity`. */
  samplesAt(step: number): Float64Array {
    const plan = this.setups[0]!.samples;
    if (!plan) return new Float64Array(0);
    const row = plan.series + (step % plan.capacity) * plan.points * 8;
    return new Float64Array(this.memory.buffer, row, plan.points).slice();
  }

  /** Value of a field at one interior cell of a tile. */
  valueAt(tile: number, field: string, i: number, j: number): number {
    const { layout, tiles } = this.plan;
    const { offset, shape } = this.presentLayout(field);
    const element = (tiles[tile]!.base + offset) / bytesPerElement(layout.precision);
    return this.values[element + elementIndex(layout, shape, i, j)]!;
  }

  /** Throws FieldAway where the values in this memory are old. */
  private presentLayout(field: string): FieldLayout {
    if (this.away.has(field)) throw new Error(`FieldAway: ${field} is newer on the device than here. Fetch it first.`);
    return this.fieldLayout(field);
  }

  private fieldLayout(field: string): FieldLayout {
    const found = this.layouts.get(field);
    if (found) return found;
    const { fields } = this.plan.layout;
    const looked = fields.get(field) ?? fields.get(`${field}.${START}`);
    if (!looked) {
      throw new Error(
        `UnknownField: ${field} is no field of ${this.options.model.name}. Known: ${[...fields.keys()].join(', ')}.`,
      );
    }
    this.layouts.set(field, looked);
    return looked;
  }

  private tileOf(cell: number): number {
    const { cellsX, cellsY, tileX, tileY } = this.options.grid;
    const inPanel = cell % (cellsX * cellsY);
    const panel = (cell - inPanel) / (cellsX * cellsY);
    const i = inPanel % cellsX;
    const across = cellsX / tileX;
    const row = Math.floor((inPanel - i) / cellsX / tileY);
    return ((panel * cellsY) / tileY) * across + row * across + Math.floor(i / tileX);
  }

  /** Element of a field's cell by its number: panel · cellsX · cellsY + row-major position in the panel. */
  private elementsOf(field: string): (cell: number) => number {
    const { cellsX, cellsY, tileX, tileY } = this.options.grid;
    const { layout, tiles } = this.plan;
    const width = bytesPerElement(layout.precision);
    const { offset } = this.presentLayout(field);
    return (cell) => {
      const inPanel = cell % (cellsX * cellsY);
      const i = inPanel % cellsX;
      const j = (inPanel - i) / cellsX;
      return (tiles[this.tileOf(cell)]!.base + offset) / width + elementIndex(layout, 'cell', i % tileX, j % tileY);
    };
  }

  private planSamples(allocate: (bytes: number) => number): SamplePlan | undefined {
    const { samples, sampleCapacity, grid } = this.options;
    if (samples.length === 0) return undefined;
    const { layout, tiles } = this.plan;
    const width = Math.max(...samples.map(({ cells }) => cells.length));
    const elements = new Uint32Array(samples.length * width);
    const addresses = new Uint32Array(samples.length * width);
    const weights = new Float64Array(samples.length * width);
    const across = grid.cellsX / grid.tileX;
    samples.forEach(({ field, cells }, point) => {
      const { offset } = this.fieldLayout(field);
      cells.forEach(({ panel, i, j, weight }, k) => {
        const ti = Math.floor(i / grid.tileX);
        const tj = Math.floor(j / grid.tileY);
        const tile = (panel * across * grid.cellsY) / grid.tileY + tj * across + ti;
        const index = elementIndex(layout, 'cell', i - ti * grid.tileX, j - tj * grid.tileY);
        addresses[point * width + k] = tiles[tile]!.base + index * bytesPerElement(layout.precision);
        elements[point * width + k] = (tiles[tile]!.base + offset) / bytesPerElement(layout.precision) + index;
        weights[point * width + k] = weight;
      });
      addresses.fill(addresses[point * width]!, point * width + cells.length, (point + 1) * width);
    });
    const series = allocate(sampleCapacity * samples.length * 8);
    return { points: samples.length, width, elements, cells: addresses, weights, series, capacity: sampleCapacity };
  }
}

interface Pipelines {
  readonly stages: readonly Pipeline[];
  readonly derives: readonly Pipeline[];
  readonly strip: Pipeline | undefined;
}

const pipelinesMade = new WeakMap<Model, Map<string, Pipelines>>();

/** A model's pipelines, the same ones each time: what has been compiled once is found again when a run is laid out anew. */
function pipelinesOf(model: Model, scheme: RungeKutta, stripLayout: TileLayout | undefined): Pipelines {
  const made = pipelinesMade.get(model) ?? new Map<string, Pipelines>();
  pipelinesMade.set(model, made);
  const key = `${scheme.name} ${stripLayout ? layoutKey(stripLayout) : ''}`;
  let found = made.get(key);
  if (!found) {
    found = {
      stages: stagePipelines(model, scheme, stripLayout),
      derives: derivePipelines(model, scheme),
      strip: model.edge && stripLayout ? { name: `${model.name}, panel edges`, stages: model.edge.stages } : undefined,
    };
    made.set(key, found);
  }
  return found;
}

/** Compiles a run's kernels, where it will find them; `turn` lets others on this thread have theirs between one and the next. */
export async function compileAhead(
  { grid, model, scheme, precision, form, shared }: CpuRunOptions,
  turn: () => Promise<unknown>,
): Promise<void> {
  const { layout, stripLayout } = layoutsOf(grid, model, precision);
  const { stages, derives, strip } = pipelinesOf(model, scheme, stripLayout);
  for (const pipeline of [...stages, ...derives]) {
    compilePipelineModule(pipeline, layout, form, shared);
    await turn();
  }
  if (strip && stripLayout) compilePipelineModule(strip, stripLayout, form, shared);
  await turn();
}

/** A wave's first trace runs at most this many cells in a step of four stages, panel edges included. */
const SMALLEST_SKIPPED_TILE = 24;

const exchangedOf = (model: Model, role: 'prognostic' | 'derived') =>
  model.fields
    .filter((field) => field.role === role)
    .map(({ name, reversedBy }) => ({ name, ...(reversedBy ? { reversedBy } : {}) }));
