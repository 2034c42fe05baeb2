import { type CellChange, CpuRun, type CpuRunOptions, type PanelArrays } from '../backends/cpu/cpu-run.ts';
import { type Stepper, stepHere } from '../backends/cpu/stepper.ts';
import type { Grid } from '../grid/grid.ts';
import { ExactSum } from '../math/index.ts';
import type { Model } from '../models/model.ts';
import { describeFailure, type Failure } from './failure.ts';
import { CHAIN_START, chainStateHash, type Digest, type StateField, stateHash } from './state-hash.ts';

/** Something from outside that changes fields when a step is reached: an uplift of the sea floor, say. */
export interface Disturbance {
  /** Fields that it adds to, the same amount to each. */
  readonly fields: readonly string[];
  /** Last step at which `at` has anything to add. */
  readonly lastStep: number;
  /** What is added when a step is reached, from step 0 on; undefined for nothing. */
  readonly at: (step: number) => CellChange | undefined;
}

export interface SimulationOptions extends CpuRunOptions {
  /** Static fields and initial state, one array a panel, by field name; what is left out starts at rest or at its `initial`. */
  readonly fields: Readonly<Record<string, PanelArrays>>;
  readonly disturbances: readonly Disturbance[];
}

/** Exactly what a run needs to go on as if it had never stopped. */
export interface SavedState {
  readonly step: number;
  readonly fields: readonly StateField[];
  /** The conserved integral as disturbances left it, and what they displaced: exact sums, to be continued. */
  readonly conserved: Books;
  readonly chain: string;
}

/** What the share of a run that `ownership` gives a process goes on from: the bytes of its tiles, see `saveTile`. */
export interface SavedShare {
  readonly step: number;
  readonly tiles: ReadonlyMap<number, Uint8Array>;
}

/** What the processes that share a run say of some steps of it, all together. */
export interface Stretch {
  /** The step that it ends at. */
  readonly step: number;
  /** Bytes of the tiles whose state has changed, see `saveTile`. */
  readonly tiles: ReadonlyMap<number, Uint8Array>;
  /** Samples at the start of each of its steps, in order. */
  readonly samples: readonly Float64Array[];
  /** What disturbances did to the conserved integral, see `takeBooks`; exact sums, in any order. */
  readonly books: readonly Books[];
  /** Tile-steps computed. */
  readonly computed: number;
}

/** Change of the conserved integral by disturbances, and what they displaced: limbs of exact sums. */
export interface Books {
  readonly reference: readonly number[];
  readonly displaced: readonly number[];
}

/** Where a run that others compute comes from, stretch by stretch. */
export interface Following {
  /** The stretch that begins at a step, which ends at `target` at the latest; undefined if it is not there when `stop` is called. */
  next(step: number, target: number): Promise<Stretch | undefined>;
  /** Has a `next` that waits come back at once. */
  stop(): void;
}

/** The stepper of a run that others step. */
const NOBODY: Stepper = {
  threads: 0,
  advance: () => Promise.reject(new Error('NotStepped: this simulation follows a run that others compute.')),
  close: async () => {},
};

export type Progress =
  | { readonly outcome: 'done' }
  | { readonly outcome: 'abandoned' }
  | { readonly outcome: 'failed'; readonly failure: Failure };

/** A whole run: state, clock, disturbances, samples. The caller decides when to stop, look and save. */
export class Simulation {
  readonly run: CpuRun;
  readonly options: SimulationOptions;
  /** Steps made so far. */
  step = 0;
  /** Tile-steps computed, tile-steps that the steps so far would have taken without skipping, and time that halos were waited for [ms]. */
  readonly work = { computed: 0, offered: 0, waited: 0 };
  /** Hash over all states hashed so far, see `chainStateHash`. */
  chain = CHAIN_START;
  /** Called once for each step, in order, with the samples at its start. */
  onSample: ((step: number, values: Float64Array) => void) | undefined;
  private readonly stepper: Promise<Stepper>;
  private reference = new ExactSum();
  private displaced = new ExactSum();
  private following: Following | undefined;
  private touched = true;
  private pausing = false;
  private readonly lastDisturbance: number;

  private constructor(options: SimulationOptions, run: CpuRun, stepper: Promise<Stepper>) {
    this.options = options;
    this.run = run;
    this.stepper = stepper;
    this.lastDisturbance = Math.max(-1, ...options.disturbances.map(({ lastStep }) => lastStep));
  }

  /** Lays out memory, writes the initial state, and lets `begin` start whoever does the stepping: this thread unless told. */
  static async start(
    options: SimulationOptions,
    begin: (run: CpuRun) => Promise<Stepper> = async (run) => stepHere(run),
    from?: SavedState | SavedShare,
  ): Promise<Simulation> {
    const run = new CpuRun(options);
    // Threads take a while to come up; the state is written meanwhile.
    const simulation = new Simulation(options, run, begin(run));
    try {
      simulation.writeInitial();
      if (from && 'tiles' in from) simulation.restoreShare(from);
      else if (from) simulation.restore(from);
      else simulation.begin();
      await simulation.stepper;
    } catch (cause) {
      await simulation.close();
      throw cause;
    }
    return simulation;
  }

  /** A run that other processes compute: its state is theirs, from one stretch to the next. */
  static async follow(options: SimulationOptions, following: Following, from?: SavedState): Promise<Simulation> {
    const simulation = await Simulation.start(options, async () => NOBODY, from);
    simulation.following = following;
    return simulation;
  }

  /** What disturbances did since the last call, or since the start, to the cells of this process. */
  takeBooks(): Books {
    const books = { reference: [...this.reference.snapshot()], displaced: [...this.displaced.snapshot()] };
    this.reference = new ExactSum();
    this.displaced = new ExactSum();
    return books;
  }

  /** Bytes of a tile that a share of a run goes on from. */
  saveTile(tile: number): Uint8Array {
    return this.run.readTile(tile, this.savedFields());
  }

  /** What the state hash is of, then what else a tile keeps. */
  private savedFields(): readonly string[] {
    const named = (wanted: string) =>
      this.options.model.fields.filter(({ role }) => role === wanted).map(({ name }) => name);
    return [...named('prognostic'), ...named('diagnostic')];
  }

  /** Model time [s] since the start. */
  get time(): number {
    return this.step * this.options.timeStep;
  }

  /** Advances to a step, unless a cell fails or a pause is asked for first. */
  async advanceTo(target: number): Promise<Progress> {
    this.pausing = false;
    if (this.following) return this.followTo(this.following, target);
    while (this.step < target && !this.pausing) {
      const next = this.step < this.lastDisturbance ? this.step + 1 : target;
      const steps = Math.min(next - this.step, this.options.sampleCapacity);
      this.run.writeTimes(this.step, steps);
      const stepper = await this.stepper;
      const result = await stepper.advance(this.step, steps, this.touched);
      this.touched = false;
      this.run.askForPause(false);
      this.work.computed += result.tileSteps;
      this.work.waited += result.waited;
      this.work.offered += (result.step - this.step) * this.run.plan.tiles.length;
      for (let step = this.step; step < result.step; step++) this.onSample?.(step, this.run.samplesAt(step));
      this.step = result.step;
      if (result.outcome === 'abandoned') return { outcome: 'abandoned' };
      if (result.outcome === 'failed') {
        await this.fetch();
        return { outcome: 'failed', failure: describeFailure(this.run, result.tile, result.step) };
      }
      if (this.step <= this.lastDisturbance) await this.fetch(this.disturbedFields());
      this.disturb();
    }
    return { outcome: 'done' };
  }

  /**
   * Brings fields (all unless told) from the device that steps them to where they can be read; to be called after
   * `advanceTo` and before anything of the state is looked at. Where the processor steps they are always there.
   */
  async fetch(fields: readonly string[] = this.savedFields()): Promise<void> {
    await (await this.stepper).fetch?.(fields);
  }

  private async followTo(following: Following, target: number): Promise<Progress> {
    while (this.step < target && !this.pausing) {
      const stretch = await following.next(this.step, target);
      if (!stretch) break;
      for (const [tile, bytes] of stretch.tiles) this.run.writeTile(tile, this.savedFields(), bytes);
      for (let step = this.step + 1; step <= stretch.step; step++) this.disturbStatics(step);
      if (stretch.tiles.size > 0) this.run.markActivity();
      for (const { reference, displaced } of stretch.books) {
        this.reference.merge(ExactSum.from(reference));
        this.displaced.merge(ExactSum.from(displaced));
      }
      this.work.computed += stretch.computed;
      this.work.offered += (stretch.step - this.step) * this.run.plan.tiles.length;
      stretch.samples.forEach((values, k) => {
        this.onSample?.(this.step + k, values);
      });
      this.step = stretch.step;
    }
    return { outcome: 'done' };
  }

  /** Has an `advanceTo` that is under way come back at the end of its present step. */
  pause(): void {
    this.pausing = true;
    if (this.following) this.following.stop();
    else this.run.askForPause(true);
  }

  /** Prognostic fields over the whole globe, in the model's order: what the state hash is made of. */
  state(): StateField[] {
    return this.options.model.fields
      .filter(({ role }) => role === 'prognostic')
      .map(({ name }) => ({ name, panels: this.run.read(name) }));
  }

  /** Hash of the present state; `digest` may be a faster SHA-256 than the default. */
  hash(digest?: Digest): string {
    return stateHash(this.state(), digest);
  }

  /** Hashes the present state and links it to the chain. */
  linkState(digest?: Digest): string {
    const hash = this.hash(digest);
    this.chain = chainStateHash(this.chain, hash, this.step);
    return hash;
  }

  /** The present state in full, to resume from. */
  save(): SavedState & { readonly prognostic: readonly StateField[]; readonly auxiliary: readonly StateField[] } {
    const others = this.options.model.fields.filter(
      ({ role, name }) => role === 'diagnostic' || (role === 'static' && this.isDisturbed(name)),
    );
    const prognostic = this.state();
    const auxiliary = others.map(({ name }) => ({ name, panels: this.run.read(name) }));
    return {
      step: this.step,
      fields: [...prognostic, ...auxiliary],
      prognostic,
      auxiliary,
      conserved: { reference: [...this.reference.snapshot()], displaced: [...this.displaced.snapshot()] },
      chain: this.chain,
    };
  }

  /**
   * Change of the conserved integral that no disturbance explains, relative to what the disturbances displaced (where there
   * were none, to what is out of its rest now).
   */
  massRelativeDrift(): number {
    const { conserved } = this.options.model;
    if (!conserved) return 0;
    const panels = this.run.read(conserved.field);
    const drift = negated(this.reference);
    this.integrate(panels, drift);
    const displaced = this.displaced.value();
    if (displaced > 0) return drift.value() / displaced;
    const scale = new ExactSum();
    this.integrate(this.awayFromRest(conserved, panels), scale);
    return scale.value() > 0 ? drift.value() / scale.value() : drift.value();
  }

  /** |value − value at rest| of the conserved field where it counts; |value| for a model without a rest. */
  private awayFromRest({ field, needs, counts }: NonNullable<Model['conserved']>, panels: PanelArrays) {
    const level = this.options.model.rest?.[field];
    const others = new Map(needs.map((name) => [name, this.run.read(name)]));
    return panels.map((panel, p) =>
      Float64Array.from(panel, (value, cell) => {
        if (!counts(value, ...needs.map((name) => others.get(name)![p]![cell]!))) return 0;
        return Math.abs(value - (level ? level((name) => others.get(name)?.[p]?.[cell] ?? 0) : 0));
      }),
    );
  }

  /** Samples of the present state, which no step has taken yet. */
  sampleNow(): Float64Array {
    return Float64Array.from(this.options.samples, ({ field, cells }) => {
      let sum = 0;
      for (const { panel, i, j, weight } of cells) {
        const { tileX, tileY, cellsX, cellsY } = this.options.grid;
        const across = cellsX / tileX;
        const tile = (panel * across * cellsY) / tileY + Math.floor(j / tileY) * across + Math.floor(i / tileX);
        sum += weight * this.run.valueAt(tile, field, i % tileX, j % tileY);
      }
      return sum;
    });
  }

  async close(): Promise<void> {
    const stepper = await this.stepper;
    await stepper.close();
  }

  private writeInitial(): void {
    const { model, grid, fields } = this.options;
    for (const { name, initial } of model.fields) {
      const given = fields[name];
      if (given) this.run.write(name, given);
      else if (initial) this.run.write(name, constantPanels(grid, initial));
    }
    for (const [field, level] of Object.entries(model.rest ?? {})) {
      if (!fields[field]) this.run.write(field, restPanels(grid, fields, level));
    }
  }

  private exchangeStatics(): void {
    for (const { name, role, shape = 'cell', at = 'cell' } of this.options.model.fields) {
      if (role === 'static' && this.options.fields[name] && shape === 'cell' && at === 'cell') this.run.exchange(name);
    }
  }

  private begin(): void {
    this.exchangeStatics();
    const { conserved } = this.options.model;
    // A shard books what happens to its own cells after the start; whoever follows all shards has booked the start.
    if (conserved && !this.options.ownership) this.integrate(this.run.read(conserved.field), this.reference);
    // What nobody has set starts at rest, so there is nothing to look for.
    if (this.options.model.fields.some(({ name, role }) => role === 'prognostic' && this.options.fields[name])) {
      this.run.markActivity();
    } else if (!this.options.model.rest) this.run.markActivity();
    this.disturb();
    if (this.options.ownership) this.takeBooks();
  }

  private restore(saved: SavedState): void {
    for (const { name, panels } of saved.fields) this.run.write(name, panels);
    this.exchangeStatics();
    this.reference.merge(ExactSum.from(saved.conserved.reference));
    this.displaced.merge(ExactSum.from(saved.conserved.displaced));
    this.step = saved.step;
    this.chain = saved.chain;
    this.run.markActivity();
    this.touched = true;
  }

  private restoreShare({ step, tiles }: SavedShare): void {
    // In the order of `disturb`: rounding makes the order of sums part of the bits.
    for (let past = 0; past <= Math.min(step, this.lastDisturbance); past++) this.disturbStatics(past);
    for (const [tile, bytes] of tiles) this.run.writeTile(tile, this.savedFields(), bytes);
    this.exchangeStatics();
    this.step = step;
    this.run.markActivity();
    this.touched = true;
  }

  /** What disturbances do to static fields at a step: it follows from the step alone, and other shares' cells are read too. */
  private disturbStatics(step: number): void {
    for (const { at, fields, lastStep } of this.options.disturbances) {
      const change = step <= lastStep ? at(step) : undefined;
      if (change) for (const field of fields.filter((name) => this.isStatic(name))) this.run.add(field, change);
    }
  }

  private isStatic(field: string): boolean {
    return this.options.model.fields.some(({ name, role }) => name === field && role === 'static');
  }

  /** Static fields that disturbances have changed belong to the state. */
  private isDisturbed(field: string): boolean {
    return this.options.disturbances.some(({ fields }) => fields.includes(field));
  }

  /** What `disturb` changes, and what it books by. */
  private disturbedFields(): readonly string[] {
    const { conserved } = this.options.model;
    const changed = this.options.disturbances.flatMap(({ fields }) => fields);
    return [...new Set([...changed, ...(conserved ? [conserved.field] : [])])];
  }

  /** Applies what the disturbances add at the present step. */
  private disturb(): void {
    const { model } = this.options;
    for (const { at, fields, lastStep } of this.options.disturbances) {
      const change = this.step <= lastStep ? at(this.step) : undefined;
      if (!change) continue;
      const cells = this.run.ownCells(change.cells);
      const before = model.conserved && this.run.readCells(model.conserved.field, cells);
      for (const field of fields) {
        const isStatic = this.isStatic(field);
        // Of another process's state it has what was sent, and that alone: what is equal to it is not sent again.
        this.run.add(field, isStatic ? change : this.run.ownPart(change));
        if (isStatic) this.run.exchange(field);
      }
      if (model.conserved && before) this.account(model.conserved, cells, before);
      this.run.markChanged(change.cells);
      this.touched = true;
    }
  }

  /** Books the change that a disturbance made to the conserved integral. */
  private account(
    { field, needs, counts }: NonNullable<Model['conserved']>,
    cells: Uint32Array,
    was: Float64Array,
  ): void {
    const { grid } = this.options;
    const is = this.run.readCells(field, cells);
    const others = needs.map((name) => this.run.readCells(name, cells));
    const perPanel = grid.cellsX * grid.cellsY;
    for (let k = 0; k < cells.length; k++) {
      const cell = cells[k]! % perPanel;
      const area = grid.geometry((cells[k]! - cell) / perPanel).area[cell]!;
      this.reference.addProduct(area, is[k]!);
      this.reference.addProduct(-area, was[k]!);
      if (counts(is[k]!, ...others.map((values) => values[k]!)))
        this.displaced.addProduct(area, Math.abs(is[k]! - was[k]!));
    }
  }

  private integrate(panels: PanelArrays, sum: ExactSum): void {
    const { grid } = this.options;
    for (let panel = 0; panel < grid.panels; panel++) {
      const { area } = grid.geometry(panel);
      const values = panels[panel]!;
      for (let cell = 0; cell < values.length; cell++) sum.addProduct(area[cell]!, values[cell]!);
    }
  }
}

const negated = (sum: ExactSum) => ExactSum.from(sum.snapshot().map((limb) => -limb));

/** Long enough for fields on faces and corners too. */
function constantPanels({ panels, cellsX, cellsY }: Grid, value: number): Float64Array[] {
  return Array.from({ length: panels }, () => new Float64Array((cellsX + 1) * (cellsY + 1)).fill(value));
}

type RestLevel = NonNullable<Model['rest']>[string];

function restPanels(grid: Grid, fields: SimulationOptions['fields'], level: RestLevel): Float64Array[] {
  return Array.from({ length: grid.panels }, (_, panel) => {
    const values = new Float64Array(grid.cellsX * grid.cellsY);
    let cell = 0;
    const value = (field: string) => fields[field]?.[panel]?.[cell] ?? 0;
    for (; cell < values.length; cell++) values[cell] = level(value);
    return values;
  });
}
