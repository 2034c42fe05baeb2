import type { ClusterChange } from './operations.ts';

/**
 * What travels between the gateway and its viewers, version by version. Everything but fields is one msgpack map a
 * message; fields go as frames (`frame.ts`). Angles in degrees, times in seconds after the start of the scenario.
 */
export const PROTOCOL_VERSION = 1;
/** WebSocket subprotocol; a gateway speaks one version of it. */
export const SUBPROTOCOL = `terrella.viewing.${PROTOCOL_VERSION}`;
export const SOCKET_PATH = '/socket';

/** Bytes of a message from a viewer; one with a scenario in it is the largest. */
export const LARGEST_REQUEST = 256 * 1024;

export type Equations = 'tsunami' | 'shallow-water' | 'transport';
export type RunState = 'starting' | 'running' | 'paused' | 'finished' | 'interrupted' | 'failed';

/** A field that a run can show. */
export interface FieldInfo {
  readonly name: string;
  /** In a few words for anybody: "Height of the sea surface". */
  readonly title: string;
  readonly longName: string;
  readonly units: string;
  /** `moving`: kept at the times of the timeline. `lasting`: one picture that grows (maxima, arrivals) or never changes. */
  readonly kind: 'moving' | 'lasting';
  /** A name of the colour maps in `workers/plot`. */
  readonly colourMap: string;
  readonly signed: boolean;
  /** Round colour limits that suit the run; symmetric where signed. */
  readonly limits: readonly [number, number];
  readonly logarithmic: boolean;
}

export interface StationInfo {
  readonly id: string;
  readonly name: string;
  readonly longitude: number;
  readonly latitude: number;
  /** Whether it has an observed record. */
  readonly observed: boolean;
}

export interface EventInfo {
  readonly longitude: number;
  readonly latitude: number;
  readonly magnitude?: number;
  /** "Earthquake, magnitude 9.0". */
  readonly title: string;
}

/** A run in the list. */
export interface RunSummary {
  readonly id: string;
  readonly name: string;
  readonly title: string;
  readonly state: RunState;
  readonly live: boolean;
  /** Run that this one varies, for a what-if. */
  readonly variantOf?: string;
}

/** What does not change while a run lasts. */
export interface RunInfo extends RunSummary {
  /** What happened, in plain words. */
  readonly description: string;
  readonly references: readonly string[];
  /** Data and their owners: "Bathymetry: ETOPO1 (NOAA)". */
  readonly credits: readonly string[];
  readonly equations: Equations;
  /** UTC, ISO 8601. */
  readonly start: string;
  readonly duration: number;
  readonly timeStep: number;
  readonly steps: number;
  readonly precision: 'float32' | 'float64';
  readonly threads: number;
  /** A plane is shown as a flat map of its own. */
  readonly grid: {
    readonly kind: 'cubed-sphere' | 'plane';
    readonly cellsX: number;
    readonly cellsY: number;
    readonly tileX: number;
    readonly tileY: number;
    readonly panels: number;
  };
  readonly fields: readonly FieldInfo[];
  /** Shown first. */
  readonly firstField: string;
  /** Fields that arrows and particles follow, eastward and northward [m/s]. */
  readonly flow?: readonly [eastward: string, northward: string];
  /** Elevation of the ground [m], a lasting field; absent for air without mountains. */
  readonly ground?: string;
  readonly stations: readonly StationInfo[];
  readonly events: readonly EventInfo[];
  readonly identity: string;
  /** Coarsest to finest halvings of the grid that frames come in: level 0 is the grid itself, level k its cells / 2^k. */
  readonly levels: readonly number[];
}

/** How far a run is. */
export interface Progress {
  readonly run: string;
  readonly state: RunState;
  readonly step: number;
  readonly seconds: number;
  readonly wallSeconds: number;
  readonly realTimeFactor: number;
  /** Share of tile-steps left out because nothing moved there, 0 … 1. */
  readonly atRest: number;
  /** Times kept of moving fields, ascending: the timeline. */
  readonly times: readonly number[];
  readonly stateHash?: string;
  readonly chain?: string;
  /** What went wrong, and the cure. */
  readonly message?: string;
  /** For each tile: 1 computed in the last step, 0 at rest. */
  readonly tiles?: Uint8Array;
  /** Largest speed of simulation allowed, in seconds a second; absent for as fast as it goes. */
  readonly speedLimit?: number;
}

export interface Series {
  readonly seconds: readonly number[];
  readonly values: readonly number[];
}

export interface StationReply {
  readonly type: 'stations';
  readonly run: string;
  readonly stations: readonly {
    readonly id: string;
    readonly model: Series;
    readonly observed?: Series;
    readonly maskedUntil?: number;
    readonly score?: {
      readonly arrival: { readonly model: number | null; readonly observed: number | null };
      readonly firstPeak: { readonly model: number | null; readonly observed: number | null };
      readonly correlation: number | null;
    };
  }[];
}

export interface ProbeReply {
  readonly type: 'probe';
  readonly id: number;
  readonly run: string;
  readonly field: string;
  readonly longitude: number;
  readonly latitude: number;
  /** Undefined where there is none (land, dry). */
  readonly value?: number;
  readonly seconds: number;
  /** Elevation of the ground there [m]. */
  readonly ground?: number;
  readonly tile: number;
  readonly panel: number;
  /** Who computes that tile. */
  readonly owner: string;
  readonly series: Series;
}

/** From viewer to gateway. `id`s are the viewer's own, and come back with the answer. */
export type Request =
  | { readonly type: 'open'; readonly run: string }
  /** Frames of a field as they come, at most `credits` of them; `credit` buys more. One watch an id; a new one replaces it. */
  | {
      readonly type: 'watch';
      readonly id: number;
      readonly run: string;
      readonly field: string;
      readonly level: number;
      readonly credits: number;
      /** Frame tiles wanted (those in view); all unless told. */
      readonly tiles?: readonly number[];
    }
  | { readonly type: 'credit'; readonly id: number; readonly frames: number }
  | { readonly type: 'unwatch'; readonly id: number }
  /** One frame: the newest kept at or before `seconds`, or the present one. */
  | {
      readonly type: 'frame';
      readonly id: number;
      readonly run: string;
      readonly field: string;
      readonly level: number;
      readonly seconds?: number;
      readonly tiles?: readonly number[];
    }
  | {
      readonly type: 'probe';
      readonly id: number;
      readonly run: string;
      readonly field: string;
      readonly longitude: number;
      readonly latitude: number;
      /** Of the value; the present unless told. */
      readonly seconds?: number;
    }
  | { readonly type: 'stations'; readonly run: string }
  /** What the nodes of the gateway's cluster do, whole and then change by change, or no more of it. */
  | { readonly type: 'operations'; readonly isWanted: boolean }
  /** These need the token. */
  | {
      readonly type: 'control';
      readonly id: number;
      readonly token: string;
      readonly run: string;
      readonly action: 'pause' | 'resume' | 'stop';
    }
  | {
      readonly type: 'speed';
      readonly id: number;
      readonly token: string;
      readonly run: string;
      readonly limit?: number;
    }
  | {
      readonly type: 'start';
      readonly id: number;
      readonly token: string;
      readonly scenario: string;
      /** Run that the new one varies. */
      readonly variantOf?: string;
    }
  /** An earthquake that a visitor thinks up: its scenario, as YAML, to look at and to start. */
  | {
      readonly type: 'what-if';
      readonly id: number;
      readonly run: string;
      readonly longitude: number;
      readonly latitude: number;
      readonly magnitude: number;
    };

export type RefusalCode =
  | 'bad-message'
  | 'unknown-run'
  | 'unknown-field'
  | 'no-token'
  | 'not-possible'
  | 'too-many'
  | 'bad-scenario';

/** From gateway to viewer. Frames come as bytes of their own. */
export type Reply =
  /** First message of a connection. */
  | {
      readonly type: 'welcome';
      readonly version: number;
      readonly engine: string;
      readonly runs: readonly RunSummary[];
      /** Run to show unless the visitor's link says another. */
      readonly shown?: string;
      /** Whether there is a cluster to ask about with `operations`. */
      readonly hasCluster?: boolean;
      /** Whether this page may host shards of that cluster's runs, see `hosting.ts`. */
      readonly mayHost?: boolean;
      /** Scenarios that `start` knows by name. */
      readonly scenarios: readonly { readonly name: string; readonly title: string }[];
    }
  | { readonly type: 'runs'; readonly runs: readonly RunSummary[] }
  | { readonly type: 'run'; readonly run: RunInfo; readonly progress: Progress }
  | { readonly type: 'progress'; readonly progress: Progress }
  | ProbeReply
  | StationReply
  | { readonly type: 'operations'; readonly change: ClusterChange }
  | { readonly type: 'done'; readonly id: number }
  | { readonly type: 'started'; readonly id: number; readonly run: string }
  | {
      readonly type: 'what-if';
      readonly id: number;
      readonly yaml: string;
      /** How it was chosen, in plain words, one line each. */
      readonly reasons: readonly string[];
    }
  | { readonly type: 'refused'; readonly id?: number; readonly code: RefusalCode; readonly message: string };

/** Close codes of the socket. */
export const CLOSE = {
  /** The gateway ends. */
  goingAway: 1001,
  protocol: 4400,
  tooLarge: 1009,
  tooManyMessages: 4429,
  tooManyViewers: 4503,
} as const;
