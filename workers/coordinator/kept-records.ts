import type { RunRecord } from '../protocol/cluster.ts';
import { packCluster, readNodeEntry, readRecord } from '../protocol/cluster-messages.ts';
import type { Store } from '../store/store.ts';
import { TransportError } from '../transport/errors.ts';
import type { Ledger } from '../transport/transport.ts';
import { withEnd } from './history.ts';

/** Copies of an entry that are kept: where the newest is damaged there is the one before. */
const KEPT_COPIES = 2;
/**
 * Epochs that a run may have gone through since the copy was made: more than it can in a week at one a second. None of them
 * is used again, so that whatever is still said in one of them is old.
 */
const EPOCHS_AHEAD = 1_000_000;
const COPIES = 'ledger/entries/';
const CLUSTER = 'ledger/cluster';
/** The ledger's own entry of which cluster it is. */
export const CLUSTER_KEY = 'cluster';

/** Entries of the ledger by their kind. */
const RUNS = 'run.';
const NODES = 'node.';
export const keyOfRun = (run: string): string => RUNS + run;
export const keyOfNode = (node: string): string => NODES + node;
export const isKeyOfRun = (key: string): boolean => key.startsWith(RUNS);
export const isKeyOfNode = (key: string): boolean => key.startsWith(NODES);

export interface KeptRecordsSettings {
  /** Outlives the ledger: it lies on another disk. */
  readonly store: Store;
  /** How people find that store: its directory. */
  readonly place: string;
  /** Of a cluster that has no name yet. */
  readonly newCluster: string;
  readonly report: (error: unknown) => void;
}

export interface PutBack {
  /** Keys of what was put back. */
  readonly put: readonly string[];
  /** Keys that the ledger has now, as far as is known here. */
  readonly there: ReadonlySet<string>;
}

interface Copy {
  readonly key: string;
  readonly revision: number;
}

/**
 * Copies of the ledger's entries. One is written after the ledger holds it and before anybody is told, so it is never ahead
 * of the ledger and never behind what anybody has heard; each has a file of its own by its revision, so a leader that was
 * deposed without knowing writes over nothing.
 */
export class KeptRecords {
  private readonly settings: KeptRecordsSettings;
  /** Revisions of each entry that are kept, oldest first. */
  private readonly revisions = new Map<string, number[]>();
  /** Another cluster's copies are neither used nor changed. */
  private isForeign = false;

  constructor(settings: KeptRecordsSettings) {
    this.settings = settings;
  }

  /** Writes a copy unless it is there. Throws what the store does. */
  async keep(key: string, bytes: Uint8Array, revision: number): Promise<void> {
    const { store, report } = this.settings;
    if (this.isForeign || (await store.has(nameOf({ key, revision })))) return;
    await store.set(nameOf({ key, revision }), bytes);
    const known = this.revisions.get(key) ?? [];
    this.revisions.set(key, known);
    if (!known.includes(revision)) known.push(revision);
    known.sort((a, b) => a - b);
    while (known.length > KEPT_COPIES) {
      const old = { key, revision: known.shift()! };
      await store.delete(nameOf(old)).catch(report);
    }
  }

  /**
   * Puts back into the ledger what it lacks, by `create`: of two who do so at once one is first. Never changes an entry that
   * is there. Throws what store and ledger do.
   */
  async putBack(ledger: Ledger, keys: readonly string[], goesOn: () => boolean): Promise<PutBack> {
    this.isForeign = !(await this.isOfThisCluster(ledger));
    const there = new Set(keys);
    const put: string[] = [];
    if (this.isForeign) return { put, there };
    for (const [key, revisions] of await this.listed()) {
      this.revisions.set(key, [...revisions]);
      if (there.has(key) || !goesOn()) continue;
      const bytes = await this.newestOf(key, revisions);
      if (!bytes) continue;
      if ((await ledger.create(key, bytes)) !== undefined) put.push(key);
      // By whoever was first: it is there now, and the list of keys may be older.
      there.add(key);
    }
    return { put, there };
  }

  /** Whether ledger and store are of one cluster; what has no name yet is given that of the other. */
  private async isOfThisCluster(ledger: Ledger): Promise<boolean> {
    const { store, place, newCluster, report } = this.settings;
    const [entry, kept] = await Promise.all([ledger.get(CLUSTER_KEY), store.get(CLUSTER)]);
    const named = entry && textOf(entry.bytes);
    const keptName = kept && textOf(kept);
    if (named !== undefined && keptName !== undefined && named !== keptName) {
      report(
        new TransportError(
          'OtherCluster',
          `${place} keeps the records of another cluster (${keptName}, and this one is ${named}). Nothing is put back from there, and no record is kept. Name this cluster's own directory with --store; or, if it is to take over those tiles, move ${place}/ledger aside: it may hold the only copies of that cluster's runs.`,
        ),
      );
      return false;
    }
    const name = named ?? keptName ?? newCluster;
    const bytes = new TextEncoder().encode(name);
    // Somebody else was first: the next time tells whether it is the same.
    if (named === undefined && (await ledger.create(CLUSTER_KEY, bytes)) === undefined)
      return this.isOfThisCluster(ledger);
    if (keptName === undefined) await store.set(CLUSTER, bytes);
    return true;
  }

  /** Keys with the revisions of their copies, by age of the newest: who waited first waits first again. */
  private async listed(): Promise<readonly (readonly [string, readonly number[]])[]> {
    const found = new Map<string, number[]>();
    for (const name of await this.settings.store.list(COPIES)) {
      const copy = copyOf(name);
      if (copy)
        found.set(
          copy.key,
          [...(found.get(copy.key) ?? []), copy.revision].sort((a, b) => a - b),
        );
    }
    return [...found].sort(([, a], [, b]) => a.at(-1)! - b.at(-1)!);
  }

  /** The newest copy that is whole, as the ledger is to have it. */
  private async newestOf(key: string, revisions: readonly number[]): Promise<Uint8Array | undefined> {
    const { store, place, report } = this.settings;
    for (const [k, revision] of [...revisions].reverse().entries()) {
      const name = nameOf({ key, revision });
      const bytes = await store.get(name);
      const entry = bytes && entryOf(key, bytes, k === 0);
      if (entry) return entry;
      const isLast = k === revisions.length - 1;
      report(
        new TransportError(
          'RecordDamaged',
          `${place}/${name} is damaged and left out; ${isLast ? `${key} is lost with it` : 'the copy before it is used'}. Remove the file${isLast ? ', or put it back from a backup and start the coordinator again' : ''}.`,
        ),
      );
    }
    return undefined;
  }
}

const textOf = (bytes: Uint8Array): string => new TextDecoder().decode(bytes).slice(0, 100);

/** Wide enough that names are in the order of revisions. */
const nameOf = ({ key, revision }: Copy): string => `${COPIES}${key}/${String(revision).padStart(16, '0')}`;

function copyOf(name: string): Copy | undefined {
  const [key, digits, ...more] = name.slice(COPIES.length).split('/');
  const isCopy = (isKeyOfRun(key!) || isKeyOfNode(key!)) && /^\d{16}$/.test(digits ?? '') && more.length === 0;
  return isCopy ? { key: key!, revision: Number(digits) } : undefined;
}

function entryOf(key: string, bytes: Uint8Array, isNewest: boolean): Uint8Array | undefined {
  if (isKeyOfNode(key)) return readNodeEntry(bytes)?.node === key.slice(NODES.length) ? bytes : undefined;
  const record = readRecord(bytes);
  return record?.run === key.slice(RUNS.length) ? packCluster(fenced(record, isNewest)) : undefined;
}

/**
 * A record as it is put back: the epochs in between count as gone. Of a copy that is not the newest its own epoch is over
 * too: its members may be beyond that copy's next cut, and would never hand it in again.
 */
function fenced(record: RunRecord, isNewest: boolean): RunRecord {
  const fence = Math.max(record.fence ?? 0, record.epoch) + EPOCHS_AHEAD;
  return isNewest || record.state !== 'running'
    ? { ...record, fence }
    : withEnd({ ...record, fence }, 'the ledger was lost, and the newest copy of the record is damaged', 0);
}
