import type { Clock } from '../node/clock.ts';
import { type Cut, type HandIn, isGoingOn, type RunRecord } from '../protocol/cluster.ts';
import { packCut, readCut } from '../protocol/cluster-messages.ts';
import { sha256Hex } from '../store/state-hash.ts';
import type { Store } from '../store/store.ts';
import type { CutLost } from './coordinator-machine.ts';
import { markOf } from './cut-mark.ts';

/** Cuts of a run whose tiles are kept. */
const KEPT_CUTS = 2;
/** What was stored, or became outdated, since then is left where it is [ms]. */
const LATELY = 60_000;
/** Parts that are looked for at one time. */
const LOOKS = 8;

const PROBE = 'probe';
const partOf = (hash: string): string => `tiles/${hash}`;

/** What runs keep in the store, by hash: tiles' states, reports, and cuts that wait to be collected. */
export class KeptCuts {
  private readonly parts: Store;
  private readonly clock: Clock;
  private readonly report: (error: unknown) => void;
  /** Cuts of each run that are kept, oldest first, and when things were last stored. */
  private readonly cuts = new Map<string, Cut[]>();
  private readonly storedAt = new Map<string, number>();
  /** What only older cuts had and is still in the store, and since when. */
  private readonly outdated = new Map<string, number>();
  /** The mark that was stored last. */
  private marked: string | undefined;

  constructor(parts: Store, clock: Clock, report: (error: unknown) => void) {
    this.parts = parts;
    this.clock = clock;
    this.report = report;
  }

  async store(hash: string, bytes: Uint8Array): Promise<void> {
    this.storedAt.set(hash, this.clock.now());
    await this.parts.set(partOf(hash), bytes);
  }

  /** Bytes with that hash; what is damaged is as good as gone, and goes. */
  async fetch(hash: string): Promise<Uint8Array | undefined> {
    const bytes = await this.parts.get(partOf(hash));
    if (!bytes || sha256Hex(bytes) === hash) return bytes;
    this.report(
      new Error(`CutDamaged: ${partOf(hash)} in the store has other bytes than its name says. It is removed.`),
    );
    await this.parts.delete(partOf(hash));
    return undefined;
  }

  /** Those of the hashes that nothing is stored under. What is there stays for a while. */
  async missing(hashes: Iterable<string>): Promise<readonly string[]> {
    const gone: string[] = [];
    const queue = new Set(hashes).values();
    const lane = async (): Promise<void> => {
      for (const hash of queue)
        if (await this.parts.has(partOf(hash))) this.storedAt.set(hash, this.clock.now());
        else gone.push(hash);
    };
    await Promise.all(Array.from({ length: LOOKS }, lane));
    return gone;
  }

  /** What the store has lost of the cuts that a run still needs; undefined where nothing. Throws what the store does. */
  async lossOf(record: RunRecord): Promise<CutLost | undefined> {
    const { run, epoch, cut, followed, state, stateHash } = record;
    if (!cut) return undefined;
    const isWhole = async (hashes: Iterable<string>) => (await this.missing(hashes)).length === 0;
    const trail = followed?.trail ?? [];
    const collectable: Cut[] = [];
    for (const { cut: hash } of trail) {
      const bytes = await this.fetch(hash);
      const found = bytes && readCut(bytes);
      if (!found || !(await isWhole(hashesOf(found)))) break;
      collectable.push(found);
    }
    const isNeeded = isGoingOn(record) || (state === 'finished' && stateHash === undefined);
    const firstLost = trail[collectable.length];
    if (!firstLost && (!isNeeded || (await isWhole(cut.tiles)))) return undefined;
    const older = [...(this.cuts.get(run) ?? []), cut, ...collectable]
      .filter(({ step }) => step <= cut.step && step < (firstLost?.step ?? Number.POSITIVE_INFINITY))
      .sort((a, b) => b.step - a.step);
    let whole: Cut | undefined;
    for (const one of older) if (!whole && (await isWhole(one.tiles))) whole = one;
    // A directory whose mount has come off looks empty; where nobody may write below it, that is no loss.
    await this.parts.set(PROBE, new Uint8Array(1), { durable: false });
    return { run, epoch, step: cut.step, whole, collectable: collectable.length };
  }

  /** What the last mark of a trail stands for is stored before the mark is written. */
  async storeMark({ followed, cut }: RunRecord): Promise<void> {
    const mark = followed?.trail.at(-1);
    if (!mark || !cut || mark.step !== cut.step || mark.cut === this.marked) return;
    await this.parts.set(partOf(mark.cut), packCut(cut));
    this.marked = mark.cut;
  }

  /** The cuts of a run that another leader has written. */
  async recall({ run, followed, cut: latest }: RunRecord): Promise<void> {
    const cuts: Cut[] = [];
    for (const { cut } of followed?.trail ?? []) {
      const bytes = await this.fetch(cut);
      const found = bytes && readCut(bytes);
      if (found) cuts.push(found);
    }
    if (latest && latest.step > (cuts.at(-1)?.step ?? -1)) cuts.push(latest);
    if (cuts.length > 0 && !this.cuts.has(run)) this.cuts.set(run, cuts);
  }

  /** Notes which cuts of a run are kept from now on: its last ones, and those that whoever follows it has not collected. */
  note(record: RunRecord): void {
    const { run, cut, followed, state, stateHash } = record;
    const known = this.cuts.get(run) ?? [];
    this.cuts.set(run, known);
    const now = this.clock.now();
    // The run has gone back.
    while (known.length > 0 && known.at(-1)!.step > (cut?.step ?? -1))
      for (const hash of hashesOf(known.pop()!)) this.outdated.set(hash, now);
    if (cut && cut.step > (known.at(-1)?.step ?? -1)) known.push(cut);
    const isOver = !isGoingOn(record) && (state !== 'finished' || stateHash !== undefined);
    const uncollected = (state === 'cancelled' ? undefined : followed?.trail[0]?.step) ?? Number.POSITIVE_INFINITY;
    const kept = isOver ? 0 : KEPT_CUTS;
    while (known.length > kept && known[0]!.step < uncollected)
      for (const hash of hashesOf(known.shift()!)) this.outdated.set(hash, now);
  }

  /**
   * Lets go of what only older cuts had, after a while: a node that has not heard the news yet may fetch it, and what was stored
   * lately may be of a cut to come, since equal states share their bytes. What has been handed in is in use too.
   */
  async sweep(handedIn: readonly Pick<HandIn, 'tiles' | 'report'>[]): Promise<void> {
    if (this.outdated.size === 0) return;
    const inUse = new Set([...this.cuts.values()].flat().flatMap(hashesOf));
    for (const { tiles, report } of handedIn) {
      for (const [, hash] of tiles) inUse.add(hash);
      if (report !== undefined) inUse.add(report);
    }
    for (const [hash, since] of this.outdated) {
      const isRecent = this.clock.now() - Math.max(since, this.storedAt.get(hash) ?? since) < LATELY;
      if (isRecent && !inUse.has(hash)) continue;
      this.outdated.delete(hash);
      if (inUse.has(hash)) continue;
      this.storedAt.delete(hash);
      await this.parts.delete(partOf(hash)).catch(this.report);
    }
  }
}

/** Everything in the store that a cut is made of. */
const hashesOf = (cut: Cut): readonly string[] => [
  ...cut.tiles,
  ...(cut.reports ? [...cut.reports, markOf(cut).cut] : []),
];
