import type { Grid } from '../../engine/grid/grid.ts';
import { nodeInputFiles } from '../../scenarios/node-input-files.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import type { Progress, RunInfo, RunState, RunSummary, Series, StationReply } from '../protocol/viewing.ts';
import { makeGrid } from '../run/prepare.ts';
import { type Observed, readObservations } from '../run/scores.ts';
import type { InputHash, Provenance } from '../store/provenance.ts';
import type { Store } from '../store/store.ts';
import { readStations } from '../store/zarr-stations.ts';
import type { Panels } from './coarsen.ts';
import { computableFields, fieldInfo, flowOf, GROUND, type ValueRange } from './field-catalogue.ts';
import { type Frame, makeFrame, rangeOf } from './frame-encoding.ts';
import { levelsOf, tileCount, tilingOf } from './frame-tiling.ts';
import { type ProbeCells, probeCells, valueAt } from './probe-cells.ts';
import type { RunOrigin } from './recipe.ts';
import { Refusal } from './refusal.ts';
import { eventsOf, factsOf, waveScale } from './run-facts.ts';
import type { FrameRequest, ProbeAnswer, ProbeRequest, RunSource, Watch, Watching } from './run-source.ts';
import { stationReplies } from './station-replies.ts';
import { openStoredFields, type StoredFields } from './stored-fields.ts';

/** What a run has left in its directory. */
export interface StoredRunParts {
  readonly id: string;
  /** As the run began. */
  readonly scenario: Scenario;
  /** With the files that it reads where they are now; the one above where they are gone. */
  readonly readable: Scenario;
  readonly identity: string;
  readonly inputs: readonly InputHash[];
  readonly store: Store;
  readonly provenance: Provenance | undefined;
  readonly result: { readonly stateHash?: string; readonly chain?: string; readonly steps: number } | undefined;
  readonly wallSeconds?: number | undefined;
  readonly realTimeFactor?: number | undefined;
  /** Elevation of the ground, where it can be found again. */
  readonly ground: (grid: Grid) => Promise<Panels | undefined>;
}

/** Frames kept encoded, for several viewers at the same place of the timeline. */
const MOST_FRAMES = 24;
/** Places whose series are kept. */
const MOST_SERIES = 256;

/** Opens a run that lies on a disk, finished or not. Throws RunStoreMissing. */
export async function openStoredRun(parts: StoredRunParts): Promise<StoredRun> {
  const grid = makeGrid(parts.scenario);
  const fields = await openStoredFields(parts.store, grid);
  const ground = await parts.ground(grid).catch(() => undefined);
  const run = new StoredRun(parts, grid, fields, ground);
  await run.measure();
  return run;
}

/** A run that is played back: its store is read, nothing is computed. */
export class StoredRun implements RunSource {
  readonly id: string;
  private readonly parts: StoredRunParts;
  private readonly grid: Grid;
  private readonly fields: StoredFields;
  private readonly ground: Panels | undefined;
  private readonly frames = new Map<string, Promise<Frame>>();
  private readonly series = new Map<string, Promise<Series>>();
  private events: ReturnType<typeof eventsOf> | undefined;
  private observations: Promise<ReadonlyMap<string, Observed>> | undefined;
  private readonly ranges = new Map<string, ValueRange>();

  constructor(parts: StoredRunParts, grid: Grid, fields: StoredFields, ground: Panels | undefined) {
    this.id = parts.id;
    this.parts = parts;
    this.grid = grid;
    this.fields = fields;
    this.ground = ground;
  }

  /** Looks for the limits of fields whose colours follow their values. */
  async measure(): Promise<void> {
    if (this.ground) this.ranges.set(GROUND, rangeOf(this.ground));
    for (const name of this.fields.names) {
      const middle = this.fields.isInTime(name) ? Math.floor((this.fields.times.length - 1) / 2) : undefined;
      if (middle !== undefined && middle < 0) continue;
      this.ranges.set(name, rangeOf(await this.fields.read(name, middle)));
    }
  }

  private state(): RunState {
    return this.parts.result ? 'finished' : 'interrupted';
  }

  summary(): RunSummary {
    const { name, title } = this.parts.scenario;
    return { id: this.id, name, title, state: this.state(), live: false };
  }

  scenario(): Scenario {
    return this.parts.readable;
  }

  origin(): RunOrigin {
    const { readable, identity, inputs } = this.parts;
    return { scenario: readable, identity, inputs };
  }

  /** Steps and their length; of a run that did not finish as well as its frames tell. */
  private steps(): { readonly steps: number; readonly timeStep: number } {
    const { scenario, result } = this.parts;
    const { duration, step } = scenario.time;
    const { times } = this.fields;
    const guess = step.kind === 'fixed' ? step.seconds : (times[1] ?? duration);
    const steps = result?.steps ?? Math.max(1, Math.round(duration / guess));
    return { steps, timeStep: duration / steps };
  }

  /** The first is shown first: one that moves, in the order of the catalogue. */
  private names(): readonly string[] {
    const { names, isInTime } = this.fields;
    const known = computableFields(this.parts.scenario);
    const rank = (name: string) => (isInTime(name) ? 0 : 1000) + (known.indexOf(name) + 1 || 500);
    const sorted = [...names].sort((a, b) => rank(a) - rank(b));
    return this.ground && !names.includes(GROUND) ? [...sorted, GROUND] : sorted;
  }

  async info(): Promise<RunInfo> {
    const { id, scenario, readable, identity, inputs, provenance } = this.parts;
    this.events ??= eventsOf(readable, nodeInputFiles());
    const events = await this.events;
    const shape = {
      id,
      identity,
      inputs,
      ...this.steps(),
      threads: provenance?.threads ?? 1,
      panels: this.grid.panels,
    };
    const wave = waveScale(scenario, events);
    const names = this.names();
    const flow = flowOf(names);
    return {
      ...this.summary(),
      ...factsOf(scenario, shape, events),
      fields: names.map((name) =>
        fieldInfo(name, scenario, { wave, range: this.ranges.get(name), lasting: !this.fields.isInTime(name) }),
      ),
      firstField: names[0]!,
      ...(flow ? { flow } : {}),
      ...(names.includes(GROUND) ? { ground: GROUND } : {}),
    };
  }

  progress(): Progress {
    const { result, wallSeconds, realTimeFactor } = this.parts;
    const { times } = this.fields;
    const { steps, timeStep } = this.steps();
    const seconds = result ? this.parts.scenario.time.duration : (times.at(-1) ?? 0);
    return {
      run: this.id,
      state: this.state(),
      step: result ? steps : Math.round(seconds / timeStep),
      seconds,
      wallSeconds: wallSeconds ?? 0,
      realTimeFactor: realTimeFactor ?? 0,
      atRest: 0,
      times,
      ...(result?.stateHash !== undefined && result.chain !== undefined
        ? { stateHash: result.stateHash, chain: result.chain }
        : {}),
    };
  }

  watch(watch: Watch): Watching {
    this.require(watch.field, watch.level);
    let sent = false;
    const wake = () => {
      if (sent || !watch.ready()) return;
      sent = true;
      this.frame(watch)
        .then((frame) => watch.take(frame))
        .catch(() => {});
    };
    wake();
    return { wake, stop: () => {} };
  }

  tileCount(level: number): number {
    this.requireLevel(level);
    return tileCount(tilingOf(this.shape(), level));
  }

  async frame({ field, level, seconds }: FrameRequest): Promise<Frame> {
    this.require(field, level);
    if (!this.fields.isInTime(field)) return this.frameAt(field, level, undefined);
    const { times } = this.fields;
    const last = seconds === undefined ? times.length - 1 : times.findLastIndex((time) => time <= seconds + 1e-6);
    for (let index = last; index >= 0; index--) {
      if (!this.isBetween(field, index)) return this.frameAt(field, level, index);
    }
    throw new Refusal('not-possible', `${field} begins at ${times[0] ?? 0} s. Take a time of the timeline.`);
  }

  /** Times at which a moving field has a frame of its own. */
  timesOf(field: string): readonly number[] {
    if (!this.fields.isInTime(field)) return [];
    return this.fields.times.filter((_, index) => !this.isBetween(field, index));
  }

  /** Fields share the times of one another, and have no value between their own: `makeSchedule` turned around. */
  private isBetween(field: string, index: number): boolean {
    const every = this.parts.scenario.output.fields.find(({ name }) => name === field)?.every;
    const { steps, timeStep } = this.steps();
    if (every === undefined || every <= timeStep / 2) return false;
    const time = this.fields.times[index]!;
    const due = Math.min(steps, Math.round((Math.round(time / every) * every) / timeStep));
    return due !== Math.round(time / timeStep);
  }

  private frameAt(field: string, level: number, index: number | undefined): Promise<Frame> {
    const key = `${field} ${level} ${index}`;
    let frame = this.frames.get(key);
    if (!frame) {
      frame = this.readFrame(field, level, index);
      if (this.frames.size >= MOST_FRAMES) this.frames.delete(this.frames.keys().next().value!);
      this.frames.set(key, frame);
      frame.catch(() => this.frames.delete(key));
    }
    return frame;
  }

  private async readFrame(field: string, level: number, index: number | undefined): Promise<Frame> {
    const panels = await this.panelsOf(field, index);
    const progress = this.progress();
    const seconds = index === undefined ? progress.seconds : this.fields.times[index]!;
    const step = Math.round(seconds / this.steps().timeStep);
    return makeFrame({ run: this.id, field, step, seconds }, panels, tilingOf(this.shape(), level));
  }

  private panelsOf(field: string, index: number | undefined): Promise<Panels> {
    if (field === GROUND && this.ground) return Promise.resolve(this.ground);
    return this.fields.read(field, index);
  }

  async probe({ field, longitude, latitude, seconds }: ProbeRequest): Promise<ProbeAnswer> {
    this.require(field, 0);
    const { scenario } = this.parts;
    const { stations } = factsOf(
      scenario,
      { id: '', identity: '', inputs: [], ...this.steps(), threads: 1, panels: 1 },
      [],
    );
    const cells = probeCells(this.grid, scenario, this.ground, stations, { longitude, latitude });
    const known = this.fields.names.includes(field);
    const whole = known
      ? await this.seriesAt(field, cells, `${field} ${longitude} ${latitude}`)
      : { seconds: [0], values: [valueAt(cells, this.ground!, this.grid.cellsX)] };
    const series = this.fields.isInTime(field) ? whole : { seconds: [], values: [] };
    const at =
      seconds === undefined || !this.fields.isInTime(field)
        ? whole.values.length - 1
        : whole.seconds.findLastIndex((time) => time <= seconds + 1e-6);
    const value = whole.values[at] ?? Number.NaN;
    const ground = this.ground && valueAt(cells, this.ground, this.grid.cellsX);
    return {
      run: this.id,
      field,
      longitude,
      latitude,
      ...(Number.isNaN(value) ? {} : { value }),
      seconds: whole.seconds[at] ?? 0,
      ...(ground === undefined ? {} : { ground }),
      tile: cells.tile,
      panel: cells.panel,
      owner: 'its directory',
      series,
    };
  }

  async stations(): Promise<StationReply['stations']> {
    const records = await readStations(this.parts.store);
    this.observations ??= readObservations(this.parts.readable, nodeInputFiles()).catch(
      () => new Map<string, Observed>(),
    );
    return stationReplies(this.parts.readable, records, await this.observations);
  }

  private seriesAt(field: string, cells: ProbeCells, key: string): Promise<Series> {
    let series = this.series.get(key);
    if (!series) {
      series = this.fields.series(field, cells);
      if (this.series.size >= MOST_SERIES) this.series.delete(this.series.keys().next().value!);
      this.series.set(key, series);
      series.catch(() => this.series.delete(key));
    }
    return series;
  }

  onChange(): () => void {
    // What lies on the disk is as it was when it was opened.
    return () => {};
  }

  private shape() {
    const { kind, panels, cellsX, cellsY } = this.grid;
    return { kind, panels, cellsX, cellsY };
  }

  private require(field: string, level: number): void {
    const names = this.names();
    if (!names.includes(field))
      throw new Refusal('unknown-field', `the run has stored no ${field}. It has ${names.join(', ')}.`);
    this.requireLevel(level);
  }

  private requireLevel(level: number): void {
    const levels = levelsOf(this.shape());
    if (!levels.includes(level))
      throw new Refusal('not-possible', `the run has no level ${level}. It has ${levels.join(', ')}.`);
  }
}
