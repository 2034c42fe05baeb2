import type { NodeSession, SegmentWork, WorkHistory } from './metering.ts';

/** What nodes and coordinators of a cluster tell each other. Halos have a form of their own: see `halo-message.ts`. */
export const CLUSTER_VERSION = 1;

export type NodeId = string;
export type RunId = string;

/** A node as one of its processes: a node that was started again is another member. */
export interface Member {
  readonly node: NodeId;
  readonly incarnation: number;
  /** The graphics device that it computes on, by name, to bits of the device's own; left out: the processor. */
  readonly device?: string;
}

/** A state of the whole run that is kept off the nodes: of each tile the hash of its bytes, under which they are found. */
export interface Cut {
  readonly step: number;
  readonly tiles: readonly string[];
  /** Of a run that somebody follows: hashes of what its members say of the stretch that ends here, see `StretchReport`. */
  readonly reports?: readonly string[];
}

/** A cut by the hash of its `packCut`. */
export interface CutMark {
  readonly step: number;
  readonly cut: string;
}

/** A run whose fields and stations somebody collects. */
export interface Followed {
  /** Steps at which a state is wanted, ascending: there are cuts at them too. */
  readonly due: readonly number[];
  /** Cuts that have not been collected yet, ascending. They stay in the store. */
  readonly trail: readonly CutMark[];
  /** Cuts up to this step have been collected, and are not wanted again where they are computed again. */
  readonly collected?: number;
}

/** A run that devices may take part in: its result is close to the processor's. */
export interface Tolerance {
  /** Those whose work has been accepted, by name; as long as there are none, the bits are the processor's. */
  readonly devices: readonly string[];
}

export type ClusterRunState = 'queued' | 'running' | 'finished' | 'failed' | 'cancelled';

/** Whether it waits or is computed. */
export const isGoingOn = ({ state }: { readonly state: ClusterRunState }): boolean =>
  state === 'queued' || state === 'running';

/** All that the cluster has agreed on about a run: one record, changed only by compare-and-set. */
export interface RunRecord {
  readonly run: RunId;
  /** Who submitted it. */
  readonly owner: string;
  /** What is to be run, see `ClusterJob`, as JSON. */
  readonly job: string;
  readonly state: ClusterRunState;
  readonly message?: string;
  readonly shape: TileShape;
  readonly steps: number;
  /** Steps between cuts. */
  readonly cutEvery: number;
  readonly followed?: Followed;
  /** Where devices may take part; left out: the processor's bits are wanted. */
  readonly tolerance?: Tolerance;
  /** Kernel operations that a cell takes in a step: what work is weighed by, see `creditsOf`. */
  readonly operations: number;
  /** Epochs up to this one may have been begun in a ledger that was lost: the next one is beyond. */
  readonly fence?: number;
  /** Tiles in the order of the curve that is cut among the members. */
  readonly curve: readonly number[];
  /** Grows with every change of members or owners; what is said in an older one counts no more. */
  readonly epoch: number;
  readonly members: readonly Member[];
  /** Of each tile, the place of its owner among the members. */
  readonly owners: readonly number[];
  /** The last state that all members have handed in; before the first one a run begins anew. */
  readonly cut?: Cut;
  /** Steps up to this one have been accepted, where the store has lost their cut and the run has gone back to an older one. */
  readonly accepted?: number;
  /** Of the last state, once it is over: what one process would find, unless devices took part; see `promisedHash`. */
  readonly stateHash?: string;
  /** A cut at which all members wait for the next epoch: a planned move. */
  readonly hold?: number;
  /** Whose work has been accepted; changed together with the cut, so that nothing counts twice. */
  readonly history: WorkHistory;
  /** From submission to the first accepted cut [s]; unknown where the lead has changed in between. */
  readonly firstAccepted?: number;
}

/** What a node needs to know to compute a run; it checks that it would compute the very same. */
export interface ClusterJob {
  /** A scenario of the library by its name, or one as YAML that reads no files but the library's. */
  readonly scenario: string;
  readonly set: readonly string[];
  readonly small: boolean;
  readonly identity: string;
  readonly kernelHash: string;
}

/** What the bytes of tiles' states mean. */
export interface TileShape {
  readonly panels: number;
  /** Cells across a panel, and across a tile. */
  readonly cellsX: number;
  readonly cellsY: number;
  readonly tileX: number;
  readonly tileY: number;
  /** Bytes of a number. */
  readonly width: 4 | 8;
  /** Fields whose cells lie one after the other in a tile's bytes: those that the state hash is of, then the others. */
  readonly hashed: number;
  readonly others: number;
}

/** A node as the coordinator sees it. */
export interface NodeStatus {
  readonly member: Member;
  /** Milliseconds since it was last heard of, and after which it is held to be gone. */
  readonly silent: number;
  readonly patience: number;
  readonly speed: number;
  readonly draining: boolean;
  /** Whether it prepares a run. */
  readonly prepares: boolean;
  readonly session: NodeSession;
  /** See `NodeEntry`, with what is not in the ledger yet. */
  readonly offeredSeconds: number;
}

/** How far a node is with a run. */
export interface RunReport {
  readonly run: RunId;
  readonly epoch: number;
  readonly step: number;
  /** It lays out its share of the epoch, and computes nothing yet. */
  readonly prepares: boolean;
}

/** Said by every node five times a second. */
export interface Heartbeat {
  readonly type: 'heartbeat';
  readonly member: Member;
  /** Cell-updates a second of its threads, measured. */
  readonly speed: number;
  readonly draining: boolean;
  /** It may be silent for so long now [ms]: it prepares a run, or computes a large one. */
  readonly patience: number;
  readonly runs: readonly RunReport[];
  readonly session: NodeSession;
}

/** A member has stored its tiles' state at a cut: tile and hash of each. */
export interface HandIn {
  readonly type: 'hand-in';
  readonly run: RunId;
  readonly epoch: number;
  readonly member: Member;
  readonly step: number;
  readonly tiles: readonly (readonly [tile: number, hash: string])[];
  /** Those of them that have work to do: the others are at rest. */
  readonly busy: readonly number[];
  /** Of a followed run: the hash of the `StretchReport`, which is stored too. */
  readonly report?: string;
  readonly work: SegmentWork;
}

/** A member cannot go on: a cell has failed, which ends the run, or the node is not fit for it. */
export interface Failed {
  readonly type: 'failed';
  readonly of: 'run' | 'node';
  readonly run: RunId;
  readonly epoch: number;
  readonly member: Member;
  readonly message: string;
}

/** The ledger holds the cut of this step, or a later epoch: it need not be handed in again. */
export interface Taken {
  readonly type: 'taken';
  readonly run: RunId;
  readonly epoch: number;
  readonly step: number;
}

/** First cut after a step; the last step of the run is one too. */
export function nextCut(
  { cutEvery, steps, followed }: Pick<RunRecord, 'cutEvery' | 'steps' | 'followed'>,
  step: number,
): number {
  const due = followed?.due.find((one) => one > step) ?? steps;
  return Math.min(steps, due, (Math.floor(step / cutEvery) + 1) * cutEvery);
}

/** Whether a member may have tiles of a run: one that computes on a device only where that is wanted, and in float32. */
export const mayCompute = (
  { device }: Pick<Member, 'device'>,
  { tolerance, shape }: Pick<RunRecord, 'tolerance' | 'shape'>,
): boolean => device === undefined || (tolerance !== undefined && shape.width === 4);

/** The state hash that anybody can find again: none where a device has had a part in the run. */
export const promisedHash = ({
  stateHash,
  tolerance,
}: Pick<RunRecord, 'stateHash' | 'tolerance'>): string | undefined =>
  tolerance && tolerance.devices.length > 0 ? undefined : stateHash;

/** Place of a member in a record; −1 where it is none. */
export const placeOf = ({ members }: Pick<RunRecord, 'members'>, { node, incarnation }: Member): number =>
  members.findIndex((member) => member.node === node && member.incarnation === incarnation);
