import type { Gather, GatheredField } from '../../compiler/gather.ts';
import type { CompiledPipeline } from '../../compiler/pipeline.ts';
import { bytesPerElement } from '../../compiler/pipeline.ts';
import { FAILED } from '../../kernels/activity.ts';
import type { FieldSpec, Model } from '../../models/model.ts';
import { START, stageInput } from '../../timesteppers/runge-kutta.ts';
import { awaitHalos, beginRound, CONTROL, meet } from './barrier.ts';
import type { GatherTable, MemoryPlan, StripPlan, TilePlan } from './memory-plan.ts';

/** Points sampled at the start of every step: weighted cells of `surface`-like fields. Addresses include the field. */
export interface SamplePlan {
  readonly points: number;
  /** Cells a point; unused ones have weight 0. */
  readonly width: number;
  readonly elements: Uint32Array;
  /** Byte addresses of the same cells in a field at offset 0; unused ones repeat the first. */
  readonly cells: Uint32Array;
  readonly weights: Float64Array;
  /** Float64 cells: series[step % capacity][point]. */
  readonly series: number;
  readonly capacity: number;
}

/** Fills the ghosts of some fields: inside the globe, and at either kind of wall. */
interface Ghosts {
  readonly fill: Gather;
  readonly mirrors: { readonly 'wall-x': Gather; readonly 'wall-y': Gather };
}

interface StagePlan {
  readonly pipeline: CompiledPipeline;
  /** Writes the derived fields, from prognostics whose ghosts next to the tile `margins` fills. */
  readonly derive:
    | { readonly pipeline: CompiledPipeline; readonly params: number; readonly margins: Ghosts }
    | undefined;
  readonly ghosts: Ghosts;
  /** Where the parameters that change in time go: column of the series, element of the memory. */
  readonly timed: readonly { readonly column: number; readonly element: number }[];
  /** Fill the lines of strips with the cells on the tile's own side of the panel edge, and on its partner's. */
  readonly ownLines: Gather;
  readonly partnerLines: Gather;
  readonly params: number;
}

/** Parameters that change in time: series[step % capacity][stage][name], Float64 cells that the caller writes ahead. */
export interface TimePlan {
  readonly names: readonly string[];
  readonly series: number;
  readonly capacity: number;
}

export interface ThreadMemory {
  readonly thread: number;
  readonly threads: number;
  readonly scratch: number;
  /** Addresses of the parameter blocks: one a stage, then the strip's. */
  readonly params: readonly number[];
}

export interface RunnerParts {
  readonly plan: MemoryPlan;
  readonly memory: WebAssembly.Memory;
  readonly stages: readonly CompiledPipeline[];
  /** One a stage, or none. */
  readonly derives: readonly CompiledPipeline[];
  readonly strip: CompiledPipeline | undefined;
  readonly gatherOf: (fields: readonly GatheredField[]) => Gather;
  readonly exchanged: readonly Pick<FieldSpec, 'name' | 'reversedBy'>[];
  /** Derived fields, exchanged in place of the prognostics. */
  readonly derived: readonly Pick<FieldSpec, 'name' | 'reversedBy'>[];
  readonly edgeLines: NonNullable<Model['edge']>['lines'];
  readonly samples: SamplePlan | undefined;
  readonly times: TimePlan | undefined;
  readonly skipRest: boolean;
  /** Tiles that this process computes, and those of them that wait for others' cells; all, and none, where there is one process. */
  readonly share: { readonly owned: Uint8Array; readonly exposed: Uint8Array } | undefined;
  /** Value of every parameter; `endTime` is set anew each step. */
  readonly parameters: Readonly<Record<string, number>>;
  /** `stageStep` of each stage. */
  readonly stageSteps: readonly number[];
  readonly startTime: number;
  readonly timeStep: number;
}

/** Why `advance` came back, at which step. */
export type Advanced = {
  readonly step: number;
  /** Tile-steps computed. */
  readonly tileSteps: number;
  /** Time in which this thread had nothing to do until halos came [ms]. */
  readonly waited: number;
} & (
  | { readonly outcome: 'done' }
  | { readonly outcome: 'failed'; readonly tile: number }
  /** Halos that the step needs will not come; its state is of no use. */
  | { readonly outcome: 'abandoned' }
);

/**
 * One thread's share of a run. Threads take tiles from a common counter, so a tile's owner may change from stage to
 * stage; its bits cannot. The step loop allocates nothing.
 */
export class TileRunner {
  private readonly parts: RunnerParts;
  private readonly own: ThreadMemory;
  private readonly control: Int32Array;
  private readonly activity: Int32Array;
  private readonly stages: readonly StagePlan[];
  private readonly bytes: Uint8Array;
  private readonly state: Float32Array | Float64Array;
  private readonly series: Float64Array;
  /** What each tile does in this step: BUSY, IDLE, or SETTLING (busy before, idle from now on). */
  private readonly duty: Uint8Array;
  private readonly tasks: Int32Array;
  /** Byte ranges copied when a tile falls idle: state → stage buffers. */
  private readonly settling: readonly { from: number; to: number }[];
  private readonly fieldBytes: number;
  /** Counts phases since the run began, to take turns with the task counters. */
  private phaseCount = 0;
  private busyTiles = 0;
  private taskCount = 0;
  /** Tasks that need no halos, at the head of the list. */
  private inner = 0;
  private readonly phases: readonly { readonly stage: number; readonly derives: boolean }[];
  private readonly now: () => number;
  private waited = 0;

  /** `now` [ms] times the waits for halos. */
  constructor(parts: RunnerParts, own: ThreadMemory, now: () => number = () => 0) {
    this.parts = parts;
    this.own = own;
    this.now = now;
    const { plan, memory } = parts;
    const { buffer } = memory;
    this.control = new Int32Array(buffer, plan.control, CONTROL.cells);
    this.activity = new Int32Array(buffer, plan.activity, plan.tiles.length);
    this.bytes = new Uint8Array(buffer);
    const words = Math.floor(buffer.byteLength / 8);
    this.state =
      plan.layout.precision === 'float32' ? new Float32Array(buffer, 0, words * 2) : new Float64Array(buffer, 0, words);
    this.series = new Float64Array(buffer, 0, words);
    this.duty = new Uint8Array(plan.tiles.length);
    this.tasks = new Int32Array(plan.tiles.length);
    const offset = (field: string) => plan.layout.fields.get(field)!.offset;
    const stripOffset = (field: string) => plan.stripLayout!.fields.get(field)!.offset;
    const prognostics = new Set(parts.exchanged.map(({ name }) => name));
    const ghostsOf = (fields: RunnerParts['exchanged'], arrayOf: (name: string) => string): Ghosts => {
      const gatherAt = (wall?: FieldSpec['reversedBy']) =>
        parts.gatherOf(
          fields.map(({ name, reversedBy }) => {
            const array = offset(arrayOf(name));
            return { from: array, to: array, sign: wall !== undefined && reversedBy === wall ? -1 : 1 };
          }),
        );
      return { fill: gatherAt(), mirrors: { 'wall-x': gatherAt('wall-x'), 'wall-y': gatherAt('wall-y') } };
    };
    const derives = parts.derives.length > 0;
    const derived = new Set(parts.derived.map(({ name }) => name));
    this.stages = parts.stages.map((pipeline, stage) => {
      const inStage = (name: string) => stageInput(name, stage);
      const changes = (from: string) =>
        prognostics.has(from) || derived.has(from) || (stage === 0 && from.endsWith(`.${START}`));
      const lines = (wanted: 'own' | 'partner') =>
        parts.gatherOf(
          parts.edgeLines
            .filter(({ from, side }) => plan.stripLayout !== undefined && side === wanted && changes(from))
            .map(({ field, from }) => ({
              from: offset(prognostics.has(from) ? inStage(from) : from),
              to: stripOffset(field),
              sign: 1,
            })),
        );
      const blocks = [
        { params: pipeline.params, address: own.params[stage]! },
        ...(derives
          ? [{ params: parts.derives[stage]!.params, address: own.params[parts.stages.length + stage]! }]
          : []),
        ...(parts.strip ? [{ params: parts.strip.params, address: own.params[own.params.length - 1]! }] : []),
      ];
      const timed = (parts.times?.names ?? []).flatMap((name, column) =>
        blocks
          .filter(({ params }) => params.includes(name))
          .map(({ params, address }) => ({
            column,
            element: address / this.state.BYTES_PER_ELEMENT + params.indexOf(name),
          })),
      );
      return {
        pipeline,
        timed,
        params: own.params[stage]!,
        derive: derives
          ? {
              pipeline: parts.derives[stage]!,
              params: own.params[parts.stages.length + stage]!,
              margins: ghostsOf(parts.exchanged, inStage),
            }
          : undefined,
        ghosts: derives ? ghostsOf(parts.derived, (name) => name) : ghostsOf(parts.exchanged, inStage),
        ownLines: lines('own'),
        partnerLines: lines('partner'),
      };
    });
    const { halo, stride, cellsY } = plan.layout;
    this.fieldBytes = stride * (cellsY + 2 * halo) * bytesPerElement(plan.layout.precision);
    this.phases = this.stages.flatMap(({ derive }, stage) =>
      derive
        ? [
            { stage, derives: true },
            { stage, derives: false },
          ]
        : [{ stage, derives: false }],
    );
    this.settling = parts.exchanged.flatMap(({ name }) =>
      ['a', 'b'].map((buffer) => ({ from: offset(`${name}.${START}`), to: offset(`${name}.${buffer}`) })),
    );
  }

  /**
   * Steps from `step` to `step + steps`, together with the other threads; returns early if a cell fails, or
   * at the next step once a pause is asked for. `disturbed` says that somebody else has written the state since the last
   * call.
   */
  advance(step: number, steps: number, disturbed: boolean): Advanced {
    if (disturbed) this.disturb();
    this.waited = 0;
    let tileSteps = 0;
    for (let done = 0; done < steps; done++) {
      const now = step + done;
      this.beginStep(now);
      for (let phase = 0; phase < this.phases.length; phase++) {
        if (!this.runPhase(now, phase)) return { outcome: 'abandoned', step: now, tileSteps, waited: this.waited };
      }
      tileSteps += this.busyTiles;
      const failed = Atomics.load(this.control, CONTROL.failedTile);
      // Every thread reads it between the same two barriers, so all of them stop at the same step.
      const isPausing = Atomics.load(this.control, CONTROL.pausing) !== 0;
      if (failed === 0 && !isPausing) continue;
      const reached = { step: now + 1, tileSteps, waited: this.waited };
      if (failed > 0) return { ...reached, outcome: 'failed', tile: failed - 1 };
      return { ...reached, outcome: 'done' };
    }
    return { outcome: 'done', step: step + steps, tileSteps, waited: this.waited };
  }

  /** Phases, and so rounds of halos, of a step. */
  get rounds(): number {
    return this.phases.length;
  }

  /**
   * One round of a shard on the caller's own thread, which has released its halos. Undefined while the step goes on. The
   * first round of a step says whether the state is `disturbed`.
   */
  runRound(round: number, disturbed: boolean): Advanced | undefined {
    const phase = round % this.phases.length;
    const step = (round - phase) / this.phases.length;
    if (phase === 0) {
      if (disturbed) this.disturb();
      this.beginStep(step);
    }
    if (!this.runPhase(step, phase)) return { outcome: 'abandoned', step, tileSteps: 0, waited: 0 };
    if (phase < this.phases.length - 1) return undefined;
    const reached = { step: step + 1, tileSteps: this.busyTiles, waited: 0 };
    const failed = Atomics.load(this.control, CONTROL.failedTile);
    return failed > 0 ? { ...reached, outcome: 'failed', tile: failed - 1 } : { ...reached, outcome: 'done' };
  }

  private disturb(): void {
    this.writeConstants();
    this.duty.fill(BUSY);
  }

  private beginStep(step: number): void {
    const { plan, share } = this.parts;
    this.writeEndTime(step + 1);
    this.busyTiles = 0;
    this.taskCount = 0;
    // Whether a tile that reads other shards' cells has work is not known before their halos are in: all of them are listed.
    for (let tile = 0; tile < plan.tiles.length; tile++)
      if ((!share || (share.owned[tile] === 1 && share.exposed[tile] === 0)) && this.judge(tile) !== IDLE)
        this.tasks[this.taskCount++] = tile;
    this.inner = this.taskCount;
    for (let tile = 0; share && tile < plan.tiles.length; tile++)
      if (share.exposed[tile] === 1) this.tasks[this.taskCount++] = tile;
  }

  /** What a tile does in this step. Every thread finds the same, from what the last step left. */
  private judge(tile: number): number {
    const { plan, skipRest } = this.parts;
    const busy = !skipRest || this.isDisturbed(tile, plan.tiles[tile]!.sources);
    const duty = busy ? BUSY : this.duty[tile] === BUSY ? SETTLING : IDLE;
    this.duty[tile] = duty;
    if (busy) this.busyTiles++;
    return duty;
  }

  private isDisturbed(tile: number, sources: Int32Array): boolean {
    if (this.activity[tile] !== 0) return true;
    for (let k = 0; k < sources.length; k++) if (this.activity[sources[k]!] !== 0) return true;
    return false;
  }

  /** One part of a stage, between two meetings of the threads; false if halos that it needs will not come. */
  private runPhase(step: number, phase: number): boolean {
    const { control, own } = this;
    const { share } = this.parts;
    const { stage, derives } = this.phases[phase]!;
    this.writeTimed(step, stage);
    const turn = this.phaseCount++ % 3;
    // Nobody uses the next counter now: the phase that last did ended two barriers ago.
    if (own.thread === 0) Atomics.store(control, CONTROL.tasks + ((turn + 1) % 3), 0);
    const round = step * this.phases.length + phase;
    if (share && own.thread === 0) beginRound(control, round);
    const tasks = CONTROL.tasks + turn;
    let task = Atomics.add(control, tasks, 1);
    for (; task < this.inner; task = Atomics.add(control, tasks, 1)) this.runTask(this.tasks[task]!, stage, derives);
    if (share) {
      const began = this.now();
      const isThere = awaitHalos(control, round);
      this.waited += this.now() - began;
      if (!isThere) return false;
      if (phase === 0) for (let k = this.inner; k < this.taskCount; k++) this.judge(this.tasks[k]!);
      for (; task < this.taskCount; task = Atomics.add(control, tasks, 1))
        this.runTask(this.tasks[task]!, stage, derives);
    }
    // Another shard's cells may be among those of a sample.
    if (phase === 0 && own.thread === 0) this.sample(step);
    meet(control, own.threads);
    return true;
  }

  private runTask(tile: number, stage: number, derives: boolean): void {
    const duty = this.duty[tile];
    if (duty === SETTLING && stage === 0 && !derives) this.settleTile(this.parts.plan.tiles[tile]!);
    if (duty !== BUSY) return;
    if (derives) this.deriveTile(stage, this.parts.plan.tiles[tile]!);
    else this.runTile(stage, tile);
  }

  /** A tile that falls idle leaves its state in the stage buffers, which busy neighbours go on reading. */
  private settleTile({ base }: TilePlan): void {
    for (let k = 0; k < this.settling.length; k++) {
      const { from, to } = this.settling[k]!;
      this.bytes.copyWithin(base + to, base + from, base + from + this.fieldBytes);
    }
  }

  private deriveTile(stage: number, { base, margins }: TilePlan): void {
    const { pipeline, params, margins: ghosts } = this.stages[stage]!.derive!;
    fillGhosts(margins, ghosts);
    pipeline.run(base, this.own.scratch, params, 0);
  }

  private runTile(stage: number, id: number): void {
    const plan = this.stages[stage]!;
    const tile = this.parts.plan.tiles[id]!;
    const { gathers, strips } = tile;
    fillGhosts(gathers, plan.ghosts);
    for (let s = 0; s < strips.length; s++) this.runStrip(plan, strips[s]!);
    const found = plan.pipeline.run(tile.base, this.own.scratch, plan.params, tile.stripPointers);
    if (stage === this.stages.length - 1) {
      this.activity[id] = found;
      if (found >= FAILED) this.reportFailure(id);
    }
  }

  private runStrip({ ownLines, partnerLines }: StagePlan, { base, own, partner }: StripPlan): void {
    for (let t = 0; t < own.length; t++) ownLines(own[t]!.address, own[t]!.count, own[t]!.width);
    for (let t = 0; t < partner.length; t++) partnerLines(partner[t]!.address, partner[t]!.count, partner[t]!.width);
    this.parts.strip!.run(base, this.own.scratch, this.own.params[this.own.params.length - 1]!, 0);
  }

  private reportFailure(tile: number): void {
    const { control } = this;
    for (;;) {
      const known = Atomics.load(control, CONTROL.failedTile);
      if (known > 0 && known <= tile + 1) return;
      if (Atomics.compareExchange(control, CONTROL.failedTile, known, tile + 1) === known) return;
    }
  }

  private sample(step: number): void {
    const { samples } = this.parts;
    if (!samples) return;
    const { points, width, elements, weights, series, capacity } = samples;
    const row = series / 8 + (step % capacity) * points;
    for (let point = 0; point < points; point++) {
      let sum = 0;
      for (let k = point * width; k < (point + 1) * width; k++) sum += weights[k]! * this.state[elements[k]!]!;
      this.series[row + point] = sum;
    }
  }

  private writeConstants(): void {
    const { stages, derives, strip, stageSteps, parameters } = this.parts;
    const width = this.state.BYTES_PER_ELEMENT;
    const blocks = [...stages, ...derives, ...(strip ? [strip] : [])];
    blocks.forEach((pipeline, block) => {
      pipeline.params.forEach((name, index) => {
        const value = name === 'stageStep' ? (stageSteps[block] ?? 0) : (parameters[name] ?? 0);
        this.state[this.own.params[block]! / width + index] = value;
      });
    });
  }

  private writeTimed(step: number, stage: number): void {
    const { times } = this.parts;
    if (!times) return;
    const { timed } = this.stages[stage]!;
    const row = times.series / 8 + ((step % times.capacity) * this.stages.length + stage) * times.names.length;
    for (let k = 0; k < timed.length; k++) {
      const { column, element } = timed[k]!;
      this.state[element] = this.series[row + column]!;
    }
  }

  private writeEndTime(step: number): void {
    const last = this.stages[this.stages.length - 1]!;
    const index = last.pipeline.params.indexOf('endTime');
    if (index < 0) return;
    const { startTime, timeStep } = this.parts;
    this.state[last.params / this.state.BYTES_PER_ELEMENT + index] = startTime + step * timeStep;
  }
}

function fillGhosts(tables: readonly GatherTable[], { fill, mirrors }: Ghosts): void {
  for (let t = 0; t < tables.length; t++) {
    const { address, count, width, mirror } = tables[t]!;
    if (mirror === undefined) fill(address, count, width);
    else mirrors[mirror](address, count, width);
  }
}

const IDLE = 0;
const BUSY = 1;
const SETTLING = 2;
