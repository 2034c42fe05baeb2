import type { Books, Stretch } from '../../engine/simulation/simulation.ts';
import type { Clock } from '../node/clock.ts';
import { type Cut, isGoingOn, nextCut, type RunId, type RunRecord } from '../protocol/cluster.ts';
import { type LeaderReply, type LeaderRequest, readCut } from '../protocol/cluster-messages.ts';
import { readReport, type StretchReport } from '../protocol/stretch-report.ts';
import type { RunFollowing } from '../run/run-scenario.ts';
import { sha256Hex } from '../store/state-hash.ts';

/** How often the record is asked for while nothing new is there [ms]. */
const LOOK = 100;
/** How long the word that something is stored is waited for [ms]. */
const LONGEST_WORD = 2000;
/** How long what the store has lost is waited for, which the cluster may be about to compute again [ms]. */
const LOST_PATIENCE = 30_000;
/** Parts on their way from the store at one time. */
const TRANSFERS = 8;

/** A run that has ended without a result, or whose cuts cannot be read. */
export class FollowingError extends Error {
  readonly tag: 'RunEnded' | 'CutMissing' | 'NotFollowed';
  constructor(tag: FollowingError['tag'], message: string) {
    super(`${tag}: ${message}`);
    this.name = tag;
    this.tag = tag;
  }
}

export interface FollowSettings {
  readonly run: RunId;
  /** Samples that the run takes. */
  readonly points: number;
  readonly clock: Clock;
  /** Asks the leader, for as long as it takes until one answers. Rejects with what cannot be mended by waiting. */
  readonly ask: (request: LeaderRequest) => Promise<LeaderReply>;
  /** Throws where the record is of another run than the one that is prepared here. */
  readonly check: (record: RunRecord) => void;
}

/** Collects the state, samples and sums of a run that a cluster computes, from one cut to the next. */
export class FollowedRun implements RunFollowing {
  nodes = 0;
  hasProcessors = false;
  devices: readonly string[] = [];
  private readonly settings: FollowSettings;
  private readonly members = new Set<string>();
  /** Of each tile, the hash of the state that was given last. */
  private readonly given = new Map<number, string>();
  private isChecked = false;
  private lostSince: number | undefined;
  private wake: (() => void) | undefined;
  private looking: Promise<RunRecord> | undefined;

  constructor(settings: FollowSettings) {
    this.settings = settings;
  }

  stop(): void {
    this.wake?.();
  }

  async next(step: number): Promise<Stretch | undefined> {
    const stopped = new Promise<void>((resolve) => {
      this.wake = resolve;
    });
    for (;;) {
      const record = await Promise.race([this.look(), stopped]);
      if (!record) return undefined;
      const mark = record.followed!.trail.find((one) => one.step > step);
      if (mark) {
        if (mark.step !== nextCut(record, step)) throw missing(`the cut of step ${nextCut(record, step)}`);
        const found = await this.unlessLost(async () => this.collect(step, await this.cut(mark.cut)));
        if (found) return found;
      } else if (!isGoingOn(record))
        throw new FollowingError(
          record.state === 'finished' ? 'CutMissing' : 'RunEnded',
          record.state === 'finished'
            ? `${record.run} is over, and its cuts after step ${step} have been collected already. Run it again.`
            : `${record.run} was ${record.state}${record.message ? `: ${record.message}` : ''}.`,
        );
      await Promise.race([this.settings.clock.wait(LOOK), stopped]);
    }
  }

  /** What comes of it; undefined where something is not in the store, as long as that may change. */
  private async unlessLost<T>(work: () => Promise<T>): Promise<T | undefined> {
    const now = this.settings.clock.now();
    try {
      const found = await work();
      this.lostSince = undefined;
      return found;
    } catch (error) {
      if (!(error instanceof FollowingError) || error.tag !== 'CutMissing') throw error;
      this.lostSince ??= now;
      if (now - this.lostSince > LOST_PATIENCE) throw error;
      return undefined;
    }
  }

  async stored(step: number): Promise<void> {
    const { ask, clock, run } = this.settings;
    // Nothing hangs on it: the next time says it too, and until then the cluster keeps more than it must.
    const said = ask({ type: 'collected', run, step }).catch(() => {});
    await Promise.race([said, clock.wait(LONGEST_WORD)]);
  }

  /** One look at a time, however often a stop leaves one behind. */
  private look(): Promise<RunRecord> {
    this.looking ??= this.readRecord().finally(() => {
      this.looking = undefined;
    });
    this.looking.catch(() => {});
    return this.looking;
  }

  private async readRecord(): Promise<RunRecord> {
    const { run, ask, check } = this.settings;
    const reply = await ask({ type: 'records', runs: [run] });
    const record = reply.type === 'records' ? reply.records.find((one) => one.run === run) : undefined;
    if (!record)
      throw new FollowingError('NotFollowed', `the cluster knows no run ${run}. Look with \`terrella runs\`.`);
    if (!record.followed)
      throw new FollowingError('NotFollowed', `${run} was submitted without an output. Submit it with \`run --nats\`.`);
    for (const { node, device } of record.members) {
      this.members.add(node);
      if (device === undefined) this.hasProcessors = true;
    }
    this.nodes = this.members.size;
    // A ledger that was lost may know of fewer.
    this.devices = [...new Set([...this.devices, ...(record.tolerance?.devices ?? [])])];
    if (!this.isChecked) check(record);
    this.isChecked = true;
    return record;
  }

  private async fetch(hash: string): Promise<Uint8Array> {
    const reply = await this.settings.ask({ type: 'fetch', hash });
    const bytes = reply.type === 'fetched' ? reply.bytes : undefined;
    if (!bytes || sha256Hex(bytes) !== hash) throw missing(hash);
    return bytes;
  }

  private async cut(hash: string): Promise<Cut> {
    const cut = readCut(await this.fetch(hash));
    if (!cut) throw missing(`the cut ${hash}`);
    return cut;
  }

  private async collect(from: number, cut: Cut): Promise<Stretch> {
    const reports = await Promise.all(
      (cut.reports ?? []).map(async (hash) => {
        const report = readReport(await this.fetch(hash), cut.step - from);
        if (!report) throw missing(`the report ${hash}`);
        return report;
      }),
    );
    const tiles = new Map<number, Uint8Array>();
    const changed = [...cut.tiles.entries()].filter(([tile, hash]) => this.given.get(tile) !== hash).values();
    const lane = async (): Promise<void> => {
      for (const [tile, hash] of changed) tiles.set(tile, await this.fetch(hash));
    };
    await Promise.all(Array.from({ length: TRANSFERS }, lane));
    for (const [tile, hash] of cut.tiles.entries()) this.given.set(tile, hash);
    return {
      step: cut.step,
      tiles,
      samples: samplesOf(reports, cut.step - from, this.settings.points),
      books: reports.map(({ reference, displaced }): Books => ({ reference, displaced })),
      computed: reports.reduce((sum, { computed }) => sum + computed, 0),
    };
  }
}

const missing = (what: string): FollowingError =>
  new FollowingError('CutMissing', `${what} is not in the cluster’s store, or not whole. Look whether it was emptied.`);

/** Samples of each step of a stretch, from who took which of them. */
function samplesOf(reports: readonly StretchReport[], steps: number, points: number): Float64Array[] {
  const all = Array.from({ length: steps }, () => new Float64Array(points).fill(Number.NaN));
  for (const { points: own, samples } of reports) {
    const values = new Float64Array(samples.slice().buffer);
    all.forEach((row, step) => {
      own.forEach((point, k) => {
        row[point] = values[step * own.length + k]!;
      });
    });
  }
  return all;
}
