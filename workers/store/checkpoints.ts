import { chainStateHash, littleEndianBytes, type StateField } from '../../engine/simulation/state-hash.ts';
import {
  CHECKPOINT_FORMAT,
  type CheckpointHeader,
  decodeHeader,
  encodeCheckpoint,
  type Section,
} from './checkpoint-file.ts';
import { StoreError } from './errors.ts';
import { fastStateHash, sha256Hex } from './state-hash.ts';
import type { Store } from './store.ts';

/** The exact state of a run between two steps. Panels are whole and row-major: tiles, threads and nodes leave no trace. */
export interface RunState {
  /** SHA-256 of the resolved scenario. */
  readonly scenario: string;
  readonly gridFingerprint: string;
  readonly cellsX: number;
  readonly cellsY: number;
  readonly step: number;
  /** Seconds since the start, and the time step [s]. */
  readonly seconds: number;
  readonly timeStep: number;
  readonly precision: 'float32' | 'float64';
  /** Hashed in this order; must be finite. */
  readonly prognostic: readonly StateField[];
  /** What else the run carries, such as maxima and arrival times; NaN allowed. */
  readonly auxiliary: readonly StateField[];
  /** Anything of the run that is JSON: frames written, pending events. */
  readonly extra: unknown;
}

export interface Checkpoint extends RunState {
  readonly engineVersion: string;
  readonly stateHash: string;
  /** Link of the state-hash chain at this step. */
  readonly chain: string;
}

export interface WriteOptions {
  readonly engineVersion: string;
  /** Link of the chain before this state: {@link CHAIN_START} or the last checkpoint's. */
  readonly previousChain: string;
  /** Checkpoints to keep, 2 unless told. */
  readonly keep?: number;
}

export interface ReadOptions {
  readonly engineVersion: string;
  /** Refuse a checkpoint of any other scenario; left out: any will do. */
  readonly scenario?: string;
  /** Accept another engine version's: the results are then no longer those of one engine. */
  readonly force?: boolean;
}

const PREFIX = 'checkpoint-';
const SUFFIX = '.terrella';
const keyOf = (step: number): string => `${PREFIX}${String(step).padStart(12, '0')}${SUFFIX}`;
const stepOf = (key: string): number => Number(key.slice(PREFIX.length, -SUFFIX.length));

/** Keys of the checkpoints in a store, oldest step first. */
export async function listCheckpoints(store: Store): Promise<readonly string[]> {
  const keys = await store.list(PREFIX);
  return keys.filter((key) => /^checkpoint-\d{12,}\.terrella$/.test(key)).sort((a, b) => stepOf(a) - stepOf(b));
}

/** Throws StateNotFinite at the first NaN or infinity, and says where. */
export function requireFinite(fields: readonly StateField[], cellsX: number): void {
  for (const { name, panels } of fields) {
    for (let panel = 0; panel < panels.length; panel++) {
      const values = panels[panel] as Float32Array;
      for (let at = 0; at < values.length; at++) {
        if (Number.isFinite(values[at])) continue;
        throw new StoreError(
          'StateNotFinite',
          `${name} is ${values[at]} at panel ${panel}, i ${at % cellsX}, j ${Math.floor(at / cellsX)}. No checkpoint was written; the last good one stays. Resume from it with a shorter step.`,
        );
      }
    }
  }
}

/**
 * Writes a checkpoint durably, then removes all but the newest `keep`, and those of later steps, which a resumed run
 * has left behind. Throws StateNotFinite, FieldMismatch, DiskFull, NotWritable; whatever it throws, the earlier
 * checkpoints are there.
 */
export async function writeCheckpoint(
  store: Store,
  state: RunState,
  options: WriteOptions,
): Promise<{ readonly key: string; readonly stateHash: string; readonly chain: string; readonly bytes: number }> {
  const { prognostic, auxiliary, ...facts } = state;
  const cells = state.cellsX * state.cellsY;
  for (const { name, panels } of [...prognostic, ...auxiliary]) {
    const wrong = panels.find((panel) => panel.length !== cells);
    if (wrong) {
      throw new StoreError(
        'FieldMismatch',
        `a panel of ${name} has ${wrong.length} values instead of ${cells}. Give every panel whole, without ghosts.`,
      );
    }
  }
  requireFinite(prognostic, state.cellsX);
  const stateHash = fastStateHash(prognostic);
  const chain = chainStateHash(options.previousChain, stateHash, state.step);
  const bytes = encodeCheckpoint({ ...facts, engineVersion: options.engineVersion, stateHash, chain }, [
    ...prognostic.map((field) => ({ role: 'prognostic' as const, field })),
    ...auxiliary.map((field) => ({ role: 'auxiliary' as const, field })),
  ]);
  const key = keyOf(state.step);
  await store.set(key, bytes);
  const keys = await listCheckpoints(store);
  const keep = Math.max(1, options.keep ?? 2);
  const kept = new Set(keys.filter((one) => stepOf(one) <= state.step).slice(-keep));
  for (const one of keys) if (!kept.has(one)) await store.delete(one);
  return { key, stateHash, chain, bytes: bytes.length };
}

function readSections(bytes: Uint8Array, header: CheckpointHeader, payload: number, key: string) {
  const prognostic: StateField[] = [];
  const auxiliary: StateField[] = [];
  for (const section of header.sections) {
    const panels = section.panels.map(({ offset, length, sha256 }, panel) => {
      const part = bytes.subarray(payload + offset, payload + offset + length);
      if (part.length !== length || sha256Hex(part) !== sha256) {
        throw damaged(key, `${section.name} of panel ${panel} does not match its hash`);
      }
      return decodeValues(part, section);
    });
    (section.role === 'prognostic' ? prognostic : auxiliary).push({ name: section.name, panels });
  }
  return { prognostic, auxiliary };
}

function decodeValues(part: Uint8Array, { precision }: Section): Float32Array | Float64Array {
  // A copy: aligned, and swapped back in place where the machine is big-endian.
  const aligned = new Uint8Array(part);
  const values =
    precision === 'float32'
      ? new Float32Array(aligned.buffer, 0, aligned.byteLength / 4)
      : new Float64Array(aligned.buffer, 0, aligned.byteLength / 8);
  const ordered = littleEndianBytes(values);
  if (ordered !== aligned && ordered.buffer !== aligned.buffer) aligned.set(ordered);
  return values;
}

const damaged = (key: string, what: string): StoreError =>
  new StoreError(
    'CheckpointDamaged',
    `${key}: ${what}. Its disk or a copy of it has failed; resume from the checkpoint before it, or start again.`,
  );

/**
 * Reads a checkpoint and proves every byte of it. Throws CheckpointMissing, CheckpointDamaged,
 * CheckpointFromOtherVersion, CheckpointFromOtherScenario.
 */
export async function readCheckpoint(store: Store, key: string, options: ReadOptions): Promise<Checkpoint> {
  const bytes = await store.get(key);
  if (!bytes) {
    const keys = await listCheckpoints(store);
    throw new StoreError(
      'CheckpointMissing',
      `there is no ${key}. ${keys.length > 0 ? `There are: ${keys.join(', ')}.` : 'There is none here; give the directory of the run.'}`,
    );
  }
  const decoded = decodeHeader(bytes);
  if ('problem' in decoded) throw damaged(key, decoded.problem);
  const { header, payload } = decoded;
  if (header.format !== CHECKPOINT_FORMAT) {
    throw new StoreError(
      'CheckpointFromOtherVersion',
      `${key} has format ${header.format}, this engine reads format ${CHECKPOINT_FORMAT}. Use engine ${header.engineVersion}, which wrote it.`,
    );
  }
  if (header.engineVersion !== options.engineVersion && !options.force) {
    throw new StoreError(
      'CheckpointFromOtherVersion',
      `${key} was written by engine ${header.engineVersion}, this is ${options.engineVersion}: resuming would mix two engines' bits in one result. Use engine ${header.engineVersion}, or --force.`,
    );
  }
  if (options.scenario !== undefined && header.scenario !== options.scenario) {
    throw new StoreError(
      'CheckpointFromOtherScenario',
      `${key} belongs to scenario ${header.scenario}, not ${options.scenario}. Resume with the scenario that wrote it; to change it, branch from it.`,
    );
  }
  const { prognostic, auxiliary } = readSections(bytes, header, payload, key);
  if (fastStateHash(prognostic) !== header.stateHash) throw damaged(key, 'the state does not match its hash');
  const { sections: _, format: __, ...facts } = header;
  return { ...facts, prognostic, auxiliary };
}

/** The newest checkpoint that proves good, and those passed over on the way to it with the reason; or undefined. */
export async function latestGoodCheckpoint(
  store: Store,
  options: ReadOptions,
): Promise<{
  readonly found: { readonly key: string; readonly checkpoint: Checkpoint } | undefined;
  readonly damaged: readonly { readonly key: string; readonly error: StoreError }[];
}> {
  const passedOver: { key: string; error: StoreError }[] = [];
  for (const key of (await listCheckpoints(store)).toReversed()) {
    try {
      return { found: { key, checkpoint: await readCheckpoint(store, key, options) }, damaged: passedOver };
    } catch (error) {
      if (!(error instanceof StoreError) || error.tag !== 'CheckpointDamaged') throw error;
      passedOver.push({ key, error });
    }
  }
  return { found: undefined, damaged: passedOver };
}
