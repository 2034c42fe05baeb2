import type { CpuRun } from '../../engine/backends/cpu/cpu-run.ts';
import type { Grid } from '../../engine/grid/grid.ts';
import type { Simulation } from '../../engine/simulation/simulation.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { Progress, RunInfo, RunState, RunSummary, Series, StationReply } from '../protocol/viewing.ts';
import { outputField } from '../run/output-fields.ts';
import { makeGrid, type PreparedRun } from '../run/preparation.ts';
import type { RunEnd, RunResult, RunWatcher } from '../run/run-scenario.ts';
import { type Observed, readObservations } from '../run/scores.ts';
import type { InputHash } from '../store/provenance.ts';
import type { StationSeries } from '../store/station-series.ts';
import { CaptureBudget } from './capture-budget.ts';
import type { Panels } from './coarsen.ts';
import { computableFields, fieldInfo, flowOf, GROUND, isLasting, type ValueRange } from './field-catalogue.ts';
import { type Frame, makeFrame, rangeOf } from './frame-encoding.ts';
import { displayLevel, levelsOf, tileCount, tilingOf } from './frame-tiling.ts';
import { coresHere, ownTime } from './own-time.ts';
import { frameValue, type ProbeCells, probeCells, valueAt } from './probe-cells.ts';
import type { RunOrigin } from './recipe.ts';
import { Refusal } from './refusal.ts';
import { eventsOf, factsOf, waveScale } from './run-facts.ts';
import type { FrameRequest, ProbeAnswer, ProbeRequest, RunControl, RunSource, Watch, Watching } from './run-source.ts';
import { stationReplies } from './station-replies.ts';
import type { StoredFields } from './stored-fields.ts';
import { Timeline } from './timeline.ts';

const STRIDE = 100;
/** A viewer asks for the next frame when it has drawn the last: who is given so many has seen three. */
const MOVING = 4;
/** Strides of a run that steps on this thread, and leaves it to nothing else meanwhile [ms]. */
const SHORT_STRIDE = 15;
/** How often viewers are told of progress [ms]. */
const PROGRESS_EVERY = 500;
/** How often a pause looks for an interruption [ms]. */
const PAUSE_LOOK = 100;
/** Places that are sampled at every capture. */
const MOST_PROBES = 256;
const LONGEST_SERIES = 20_000;

/** Opens the fields that a run has stored. Throws RunStoreMissing. */
export type OpenStored = (grid: Grid) => Promise<StoredFields>;

/** What a run brings with it once it is prepared. */
export interface PreparedLive {
  readonly prepared: PreparedRun;
  readonly identity: string;
  readonly inputs: readonly InputHash[];
  /** Opens what the run has stored so far; left out where it stores nothing. */
  readonly stored?: OpenStored | undefined;
}

/** How a run has ended, as far as viewers are told. */
export type LiveEnd =
  | {
      readonly outcome: 'finished';
      readonly result: Pick<RunResult, 'stateHash' | 'chain' | 'wallSeconds' | 'realTimeFactor'>;
    }
  | Exclude<RunEnd, { outcome: 'finished' }>
  | { readonly outcome: 'failed' };

/** What stays of a run when its memory is let go. */
interface LiveFacts {
  readonly scenario: Scenario;
  readonly fields: readonly string[];
  readonly facts: ReturnType<typeof factsOf>;
  readonly wave: number;
  readonly stored: OpenStored | undefined;
  readonly origin: RunOrigin;
}

interface SampledPlace {
  readonly cells: ProbeCells;
  readonly field: string;
  readonly seconds: number[];
  readonly values: number[];
  /** What the run has stored there, as far as it has been read: its first `frames` frames. */
  stored: Promise<Series & { readonly frames: number }>;
}

interface Captured {
  readonly panels: Panels;
  readonly step: number;
  readonly seconds: number;
  /** By level. */
  readonly frames: Map<number, Frame>;
}

interface Wanted {
  readonly field: string;
  readonly resolve: (captured: Captured) => void;
  readonly reject: (error: unknown) => void;
}

/** A run that this process computes, as its viewers see it. The run never waits for them. */
export class LiveRun implements RunSource, RunWatcher {
  readonly id: string;
  readonly control: RunControl;
  /** Whether somebody has asked the run to stop. */
  stopAsked = false;
  private readonly named: { readonly name: string; readonly title: string; readonly variantOf?: string };
  private state: RunState = 'starting';
  private message: string | undefined;
  private of: LiveFacts | undefined;
  /** What takes the most memory; undefined before the run begins, and once its memory is let go. */
  private prepared: PreparedRun | undefined;
  private isReleased = false;
  private timeline = new Timeline(1);
  private budget = new CaptureBudget(true);
  /** Memory of the run; still readable after its end, until another run needs the room. */
  private memory: CpuRun | undefined;
  /** Whether the run steps on threads of its own, which go on until somebody wants something of them. */
  private hasThreads = false;
  private pauseRun: (() => void) | undefined;
  private alarm: ReturnType<typeof setTimeout> | undefined;
  private at = { step: 0, seconds: 0, wallSeconds: 0, realTimeFactor: 0, atRest: 0 };
  private began: { readonly wall: number; readonly seconds: number } | undefined;
  private result: { readonly stateHash: string; readonly chain: string } | undefined;
  private tiles: Uint8Array | undefined;
  private records: readonly StationSeries[] = [];
  private observations: Promise<ReadonlyMap<string, Observed>> | undefined;
  /** The step that each watch was given last; it is given none twice. */
  private readonly watches = new Map<Watch, number>();
  /** Frames that each has had. */
  private readonly given = new WeakMap<Watch, number>();
  private moves!: () => void;
  readonly moving = new Promise<void>((resolve) => {
    this.moves = resolve;
  });
  private wanted: Wanted[] = [];
  private readonly latest = new Map<string, Captured>();
  private readonly ranges = new Map<string, ValueRange>();
  private readonly probes = new Map<string, SampledPlace>();
  private readonly listeners = new Set<() => void>();
  private speed: { readonly limit: number; readonly wall: number; readonly seconds: number } | undefined;
  private paused = false;
  private wakeUp: (() => void) | undefined;
  private told = 0;
  private pausedFor = 0;
  private reported = false;

  constructor(id: string, named: { readonly name: string; readonly title: string; readonly variantOf?: string }) {
    this.id = id;
    this.named = named;
    this.control = {
      pause: () => this.setPaused(true),
      resume: () => this.setPaused(false),
      stop: () => {
        this.stopAsked = true;
        this.wakeUp?.();
      },
      limitSpeed: (limit) => {
        this.speed = limit === undefined ? undefined : { limit, wall: performance.now(), seconds: this.at.seconds };
        this.wakeUp?.();
        this.changed();
      },
    };
  }

  // What the run tells.

  /** The run is prepared and about to step. */
  async begin(live: PreparedLive): Promise<void> {
    const { prepared, identity, inputs } = live;
    const { scenario, timeStep, steps, options, grid } = prepared;
    const events = await eventsOf(scenario, prepared.files);
    const shape = { id: this.id, identity, inputs, timeStep, steps, threads: options.threads, panels: grid.panels };
    const hasBed = prepared.model.fields.some(({ name }) => name === 'bed');
    const fields = computableFields(scenario).filter((name) => name !== GROUND || hasBed);
    const facts = factsOf(scenario, shape, events);
    this.prepared = prepared;
    this.of = {
      scenario,
      fields,
      facts,
      wave: waveScale(scenario, events),
      stored: live.stored,
      origin: { scenario, identity, inputs },
    };
    this.timeline = new Timeline(scenario.time.duration);
    this.hasThreads = options.shared;
    // As many threads as there are cores leave none for captures.
    this.budget = new CaptureBudget(!this.hasThreads || options.threads >= coresHere());
    this.observations = readObservations(scenario, prepared.files);
    this.observations.catch(() => {});
    this.changed();
  }

  strideMilliseconds(): number {
    return this.hasThreads ? STRIDE : SHORT_STRIDE;
  }

  look(simulation: Simulation, records: readonly StationSeries[]): void {
    this.guard(() => this.see(simulation, records));
  }

  private see(simulation: Simulation, records: readonly StationSeries[]): void {
    const now = performance.now();
    this.memory = simulation.run;
    this.pauseRun = () => simulation.pause();
    this.records = records;
    this.began ??= { wall: now, seconds: simulation.time };
    if (this.state === 'starting') {
      this.state = this.paused ? 'paused' : 'running';
      this.told = 0;
    }
    const wallSeconds = (now - this.began.wall - this.pausedFor) / 1000;
    const { computed, offered } = simulation.work;
    this.at = {
      step: simulation.step,
      seconds: simulation.time,
      wallSeconds,
      realTimeFactor: wallSeconds > 0 ? (simulation.time - this.began.seconds) / wallSeconds : 0,
      atRest: offered > 0 ? 1 - computed / offered : 0,
    };
    this.capture(now);
    this.callRun();
    if (now - this.told > PROGRESS_EVERY) {
      this.told = now;
      this.tiles = simulation.run.busyTiles();
      this.changed();
    }
  }

  async hold(): Promise<void> {
    while (!this.stopAsked && !this.interrupted()) {
      const { paused } = this;
      const left = paused ? PAUSE_LOOK : this.aheadBy();
      if (left <= 0) break;
      const began = performance.now();
      await this.sleep(Math.min(left, PAUSE_LOOK));
      this.guard(() => this.capture(performance.now()));
      if (paused) this.pausedFor += performance.now() - began;
    }
  }

  /** Looked at while the run is held: whether a signal wants it to stop. */
  interrupted: () => boolean = () => false;

  /** Told once of what fails while the run is shown; the run goes on. */
  report: (error: unknown) => void = () => {};

  /** The run has come to an end; `message` says why, where it is not a good one. */
  ended(end: LiveEnd, message?: string): void {
    // What is done stays done, whatever fails after it.
    if (this.over()) return;
    clearTimeout(this.alarm);
    this.pauseRun = undefined;
    this.state = end.outcome;
    this.message = message;
    if (end.outcome === 'finished') {
      const { stateHash, chain } = end.result;
      if (stateHash !== undefined && chain !== undefined) this.result = { stateHash, chain };
      const wallSeconds = end.result.wallSeconds - this.pausedFor / 1000;
      const realTimeFactor = (end.result.realTimeFactor * end.result.wallSeconds) / wallSeconds;
      this.at = { ...this.at, realTimeFactor, wallSeconds };
    }
    if (this.memory) this.tiles = new Uint8Array(this.memory.options.grid.tiles.length);
    this.guard(() => this.captureNow());
    this.guard(() => this.changed());
  }

  /** Lets go of the memory of a run that is over; its timeline and its last state stay, as frames. */
  async release(): Promise<void> {
    if (this.isReleased) return;
    try {
      if (this.memory && this.of) for (const field of this.of.fields) await this.keepLast(field);
    } finally {
      this.isReleased = true;
      this.memory = undefined;
      this.prepared = undefined;
      this.latest.clear();
      this.probes.clear();
    }
  }

  private async keepLast(field: string): Promise<void> {
    try {
      const captured = this.capturedNow(field);
      this.lookForRange(field);
      await this.timeline.keep(this.frameOf(field, displayLevel(this.of!.facts.grid), captured));
    } catch (error) {
      this.fail(error);
    }
    this.latest.delete(field);
  }

  /** Bytes of the frames that are kept. */
  keptBytes(): number {
    return this.timeline.bytes();
  }

  /** Lets go also of the frames; the facts and the records of the stations stay. */
  forget(): void {
    this.timeline = new Timeline(1);
    this.changed();
  }

  // What viewers ask.

  summary(): RunSummary {
    return { id: this.id, ...this.named, state: this.state, live: true };
  }

  scenario(): Scenario | undefined {
    return this.of?.scenario;
  }

  origin(): RunOrigin | undefined {
    return this.of?.origin;
  }

  async info(): Promise<RunInfo | undefined> {
    if (!this.of || !this.isThere()) return undefined;
    const { facts, scenario, fields: names, wave } = this.of;
    for (const name of names) this.guard(() => this.lookForRange(name));
    const flow = flowOf(names);
    return {
      ...this.summary(),
      ...facts,
      fields: names.map((name) => fieldInfo(name, scenario, { wave, range: this.ranges.get(name) })),
      firstField: names[0]!,
      ...(flow ? { flow } : {}),
      ...(names.includes(GROUND) ? { ground: GROUND } : {}),
    };
  }

  progress(): Progress {
    return {
      run: this.id,
      state: this.state,
      ...this.at,
      times: this.of ? this.timeline.times(this.of.fields[0]!) : [],
      ...this.result,
      ...(this.message === undefined ? {} : { message: this.message }),
      ...(this.tiles ? { tiles: this.tiles } : {}),
      ...(this.speed ? { speedLimit: this.speed.limit } : {}),
    };
  }

  watch(watch: Watch): Watching {
    this.require(watch.field);
    this.requireLevel(watch.level);
    this.watches.set(watch, -1);
    const wake = () => {
      this.wakeUp?.();
      if (this.over()) this.captureNow();
      else this.callRun();
    };
    wake();
    return { wake, stop: () => this.watches.delete(watch) };
  }

  tileCount(level: number): number {
    this.requireThere();
    this.requireLevel(level);
    return tileCount(tilingOf(this.of!.facts.grid, level));
  }

  async frame({ field, level, seconds }: FrameRequest): Promise<Frame> {
    this.require(field);
    this.requireLevel(level);
    const present = seconds === undefined || seconds >= this.at.seconds || isLasting(field);
    if (!present) return this.kept(field, seconds);
    return this.isReleased ? this.kept(field) : this.frameOf(field, level, await this.present(field));
  }

  /** A frame of the timeline: the last one unless told. Throws Refusal where there is none. */
  private kept(field: string, seconds = Number.POSITIVE_INFINITY): Frame {
    const kept = this.timeline.at(field, seconds);
    if (kept) return kept;
    const when = seconds === Number.POSITIVE_INFINITY ? '' : ` at ${Math.round(seconds)} s`;
    throw new Refusal('not-possible', `${field} was not kept${when}. Take a time of the timeline, or another run.`);
  }

  async probe({ field, longitude, latitude, seconds }: ProbeRequest): Promise<ProbeAnswer> {
    this.require(field);
    if (!this.prepared) return this.probeKept({ field, longitude, latitude, seconds });
    const { facts, scenario } = this.of!;
    const { grid, bed } = this.prepared;
    const ground = scenario.model.equations === 'transport' ? undefined : bed;
    const cells = probeCells(grid, scenario, ground, facts.stations, { longitude, latitude });
    const captured = await this.present(field);
    const place = this.placeOf(field, cells, `${field} ${longitude} ${latitude}`);
    sample(place, captured, grid.cellsX);
    const series = merged(await this.storedSeries(place), place);
    const before = seconds === undefined ? -1 : series.seconds.findLastIndex((time) => time <= seconds + 1e-6);
    const [value, time] =
      before < 0
        ? [valueAt(cells, captured.panels, grid.cellsX), captured.seconds]
        : [series.values[before]!, series.seconds[before]!];
    const height = ground && valueAt(cells, ground, grid.cellsX);
    return {
      run: this.id,
      field,
      longitude,
      latitude,
      ...(Number.isNaN(value) ? {} : { value }),
      seconds: time,
      ...(height === undefined ? {} : { ground: height }),
      tile: cells.tile,
      panel: cells.panel,
      owner: 'this machine',
      series,
    };
  }

  /** A probe of a run whose memory is let go: the nearest cell of its frames. */
  private async probeKept({ field, longitude, latitude, seconds }: ProbeRequest): Promise<ProbeAnswer> {
    const { scenario, facts, fields } = this.of!;
    const cells = probeCells(makeGrid(scenario), scenario, undefined, facts.stations, { longitude, latitude });
    const [nearest] = [...cells.cells].sort((a, b) => b.weight - a.weight);
    const frame = this.kept(field, isLasting(field) ? undefined : seconds);
    const value = await frameValue(frame, nearest!);
    const ground = fields.includes(GROUND) ? await frameValue(this.kept(GROUND), nearest!) : undefined;
    return {
      run: this.id,
      field,
      longitude,
      latitude,
      ...(Number.isNaN(value) ? {} : { value }),
      seconds: frame.facts.seconds,
      ...(ground === undefined ? {} : { ground }),
      tile: cells.tile,
      panel: cells.panel,
      owner: 'this machine',
      series: { seconds: [], values: [] },
    };
  }

  async stations(): Promise<StationReply['stations']> {
    if (!this.of) return [];
    const known = await this.observations!.catch(() => new Map<string, Observed>());
    return stationReplies(this.of.scenario, this.records, known);
  }

  onChange(listener: () => void): () => void {
    this.listeners.add(listener);
    return () => this.listeners.delete(listener);
  }

  // Captures.

  private isThere(): boolean {
    return this.latest.size > 0 || this.isReleased;
  }

  private lookForRange(name: string): void {
    if (!this.isReleased && !this.ranges.has(name) && needsRange(name, this.of!.scenario))
      this.ranges.set(name, rangeOf(this.read(name)));
  }

  private requireThere(): void {
    if (!this.of || !this.isThere())
      throw new Refusal('not-possible', 'the run is not there yet, or no more. Wait for it, or open another.');
  }

  private require(field: string): void {
    this.requireThere();
    const known = this.of!.fields;
    if (!known.includes(field))
      throw new Refusal('unknown-field', `the run has no ${field}. It has ${known.join(', ')}.`);
  }

  private requireLevel(level: number): void {
    const known = levelsOf(this.of!.facts.grid);
    if (!known.includes(level))
      throw new Refusal('not-possible', `the run has no level ${level}. It has ${known.join(', ')}.`);
  }

  private over = (): boolean => this.state === 'finished' || this.state === 'interrupted' || this.state === 'failed';

  private read(field: string): Panels {
    if (this.memory) return outputField(this.memory, field);
    const kept = this.latest.get(field);
    if (kept) return kept.panels;
    throw new Refusal('not-possible', `${field} was not kept. Take a run that is there.`);
  }

  /** A capture of the present, made when the run next looks up; of a run that stands still, at once. */
  private present(field: string): Promise<Captured> {
    return new Promise((resolve, reject) => {
      this.wanted.push({ field, resolve, reject });
      this.wakeUp?.();
      if (this.over()) this.captureNow();
      else this.callRun();
    });
  }

  /** Has the run look up when somebody waits for a capture and the budget has room for one. */
  private callRun(): void {
    if (this.alarm || !this.hasThreads) return;
    if (this.wanted.length === 0 && ![...this.watches.keys()].some((watch) => watch.ready())) return;
    this.alarm = setTimeout(
      () => {
        this.alarm = undefined;
        this.pauseRun?.();
      },
      Math.max(0, this.budget.allowedAt() - performance.now()),
    );
  }

  private captureNow(): void {
    this.budget.begin(Number.NEGATIVE_INFINITY);
    this.capture(performance.now());
  }

  /** Captures the fields that somebody waits for, and those that the timeline lacks, if the budget has room. */
  private capture(now: number): void {
    if (!this.of || !this.budget.allows(now)) return;
    if (this.memory === undefined && !this.isThere()) return;
    const ready = [...this.watches.keys()].filter((watch) => this.watches.get(watch) !== this.at.step && watch.ready());
    if (this.isReleased) {
      for (const watch of ready) {
        this.watches.set(watch, this.at.step);
        watch.take(this.kept(watch.field));
      }
      return;
    }
    const first = this.of.fields[0]!;
    const due = this.timeline.wants(first, this.at.seconds) ? [first] : [];
    const fields = new Set([...ready.map(({ field }) => field), ...this.wanted.map(({ field }) => field), ...due]);
    if (fields.size === 0) return;
    this.budget.begin(now);
    for (const field of fields) {
      try {
        this.captureField(field, ready);
      } catch (error) {
        this.fail(error);
        for (const { reject } of this.takeWanted(field)) reject(error);
      }
    }
  }

  private captureField(field: string, ready: readonly Watch[]): void {
    const captured = this.capturedNow(field);
    const { cellsX } = this.of!.facts.grid;
    for (const place of this.probes.values()) if (place.field === field) sample(place, captured, cellsX);
    if (!isLasting(field) && this.timeline.wants(field, captured.seconds))
      this.timeline
        .keep(this.frameOf(field, displayLevel(this.of!.facts.grid), captured))
        .catch((error) => this.fail(error));
    for (const watch of ready.filter((one) => one.field === field)) {
      this.watches.set(watch, captured.step);
      watch.take(this.frameOf(field, watch.level, captured));
      this.count(watch);
    }
    for (const { resolve } of this.takeWanted(field)) resolve(captured);
  }

  private takeWanted(field: string): readonly Wanted[] {
    const taken = this.wanted.filter((one) => one.field === field);
    this.wanted = this.wanted.filter((one) => one.field !== field);
    return taken;
  }

  /** Whatever fails for viewers must not reach the run. */
  private guard(work: () => void): void {
    try {
      work();
    } catch (error) {
      this.fail(error);
    }
  }

  private fail(error: unknown): void {
    if (!this.reported) this.report(error);
    this.reported = true;
  }

  private count(watch: Watch): void {
    const frames = (this.given.get(watch) ?? 0) + 1;
    this.given.set(watch, frames);
    if (frames === MOVING) this.moves();
  }

  private capturedNow(field: string): Captured {
    const before = this.latest.get(field);
    if (before && before.step === this.at.step) return before;
    const from = ownTime();
    const captured = { panels: this.read(field), step: this.at.step, seconds: this.at.seconds, frames: new Map() };
    this.latest.set(field, captured);
    this.budget.spend(ownTime() - from);
    return captured;
  }

  private frameOf(field: string, level: number, { panels, step, seconds, frames }: Captured): Frame {
    let frame = frames.get(level);
    if (!frame) {
      const tiling = tilingOf(this.of!.facts.grid, level);
      frame = makeFrame({ run: this.id, field, step, seconds }, panels, tiling, (spent) => this.budget.spend(spent));
      frames.set(level, frame);
    }
    return frame;
  }

  /** What the run has stored of a field at a place so far. */
  private storedSeries(place: SampledPlace): Promise<Series> {
    const { scenario, stored } = this.of!;
    const grid = this.prepared?.grid;
    const isStored = scenario.output.fields.some(({ name, every }) => name === place.field && every);
    if (!grid || !stored || scenario.output.format !== 'zarr' || !isStored) return place.stored;
    const before = place.stored;
    const longer = before.then(async (known) => {
      const fields = await stored(grid);
      const { seconds, values } = await fields.series(place.field, place.cells, known.frames);
      return {
        seconds: [...known.seconds, ...seconds],
        values: [...known.values, ...values],
        frames: fields.times.length,
      };
    });
    // What cannot be read now is read the next time.
    place.stored = longer.catch(() => before);
    return longer.catch(async (error: unknown) => {
      const known = await before;
      // The store of a run that has just begun may not be laid out yet.
      if (known.frames === 0 && !this.over()) return known;
      throw error;
    });
  }

  private placeOf(field: string, cells: ProbeCells, key: string): SampledPlace {
    let place = this.probes.get(key);
    if (!place) {
      place = {
        cells,
        field,
        seconds: [],
        values: [],
        stored: Promise.resolve({ seconds: [], values: [], frames: 0 }),
      };
      // The oldest place gives way; asked for again it begins anew.
      if (this.probes.size >= MOST_PROBES) this.probes.delete(this.probes.keys().next().value!);
      this.probes.set(key, place);
    }
    return place;
  }

  // Pause and speed.

  private setPaused(paused: boolean): void {
    if (this.over()) return;
    this.paused = paused;
    if (this.state !== 'starting') this.state = paused ? 'paused' : 'running';
    if (this.speed) this.speed = { ...this.speed, wall: performance.now(), seconds: this.at.seconds };
    this.wakeUp?.();
    this.changed();
  }

  /** Milliseconds by which the run is ahead of its speed limit. */
  private aheadBy(): number {
    if (!this.speed) return 0;
    const { limit, wall, seconds } = this.speed;
    return ((this.at.seconds - seconds) / limit) * 1000 - (performance.now() - wall);
  }

  private sleep(milliseconds: number): Promise<void> {
    return new Promise((done) => {
      const timer = setTimeout(done, milliseconds);
      this.wakeUp = () => {
        clearTimeout(timer);
        done();
      };
    });
  }

  private changed(): void {
    for (const listener of this.listeners) listener();
  }
}

/** Colours of water follow the wave; other fields need to be looked at. */
const needsRange = (name: string, { model }: Scenario): boolean =>
  model.equations !== 'tsunami' || name === GROUND || name === 'sea_floor_depth_below_mean_sea_level';

function sample(place: SampledPlace, { panels, seconds }: Captured, cellsX: number): void {
  if ((place.seconds.at(-1) ?? Number.NEGATIVE_INFINITY) >= seconds || place.seconds.length >= LONGEST_SERIES) return;
  const value = valueAt(place.cells, panels, cellsX);
  if (Number.isNaN(value)) return;
  place.seconds.push(seconds);
  place.values.push(value);
}

/** Two series as one, by time; where both have a moment the first one's value holds. */
function merged(a: Series, b: Series): Series {
  const values = new Map<number, number>();
  for (const { seconds, values: found } of [b, a])
    for (const [k, time] of seconds.entries()) values.set(time, found[k]!);
  const seconds = [...values.keys()].sort((x, y) => x - y);
  return { seconds, values: seconds.map((time) => values.get(time)!) };
}
