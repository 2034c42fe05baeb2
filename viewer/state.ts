import { computed, signal } from '@preact/signals';
import type {
  EventInfo,
  FieldInfo,
  ProbeReply,
  Progress,
  RunInfo,
  RunSummary,
  StationReply,
} from '../workers/protocol/viewing.ts';

/**
 * All that the viewer shows, in signals. Panels write what a visitor asks for, `session` fetches it and writes what came,
 * the globe draws it; none of them talks to another.
 */

export type ProjectionName = 'globe' | 'equirectangular' | 'mercator' | 'mollweide' | 'polar';

/** Where one looks: the point in the middle [degrees], and how close: 1 shows the whole globe. */
export interface Camera {
  readonly longitude: number;
  readonly latitude: number;
  readonly zoom: number;
}

export interface Layers {
  readonly field: boolean;
  readonly coast: boolean;
  readonly graticule: boolean;
  readonly daylight: boolean;
  readonly relief: boolean;
  readonly contours: boolean;
  readonly particles: boolean;
  readonly stations: boolean;
  readonly places: boolean;
  readonly plates: boolean;
  readonly tiles: boolean;
}

export interface Place {
  readonly longitude: number;
  readonly latitude: number;
}

/** A point that a visitor asks about. */
export interface Pin extends Place {
  readonly id: number;
  readonly name?: string;
}

/** Colours by hand; what is undefined suits the run. */
export interface ColourChoice {
  readonly map?: string;
  readonly limits?: readonly [number, number];
  readonly logarithmic?: boolean;
}

export const PANEL_NAMES = [
  ...(['layers', 'colours', 'stations', 'probe', 'operations', 'cluster'] as const),
  ...(['what-if', 'compare', 'compute', 'about', 'help', 'share'] as const),
] as const;
export type PanelName = (typeof PANEL_NAMES)[number];
/** Pins that one may set. */
export const MOST_PINS = 8;

export interface Comparison {
  /** The other run. */
  readonly run: string;
  readonly mode: 'swipe' | 'difference';
  /** Where the swipe stands, 0 (left) … 1. */
  readonly at: number;
}

export type Connection =
  | { readonly phase: 'connecting' }
  | { readonly phase: 'open' }
  /** Lost at a time of performance.now(), tried again at another. */
  | { readonly phase: 'lost'; readonly since: number; readonly nextTry: number; readonly attempts: number }
  /** A site of files, with no gateway behind it. */
  | { readonly phase: 'site' }
  | { readonly phase: 'refused'; readonly message: string };

/** Of the frame that is on the screen. */
export interface Shown {
  readonly field: string;
  readonly seconds: number;
  readonly step: number;
  readonly low: number;
  readonly high: number;
  /** Wall time from the gateway's frame to the screen [ms], for the lag that is shown. */
  readonly latency: number;
}

export const connection = signal<Connection>({ phase: 'connecting' });
/** What is shown is computed in this page. */
export const isHere = signal(false);
export const engine = signal('');
export const runs = signal<readonly RunSummary[]>([]);
export const scenarios = signal<readonly { readonly name: string; readonly title: string }[]>([]);
export const runId = signal<string | undefined>(undefined);
export const run = signal<RunInfo | undefined>(undefined);
export const progress = signal<Progress | undefined>(undefined);
/** Whether this visitor may start, stop and change runs: the link had the gateway's token. */
export const token = signal<string | undefined>(undefined);

export const fieldName = signal<string | undefined>(undefined);
export const field = computed<FieldInfo | undefined>(() => {
  const wanted = fieldName.value ?? run.value?.firstField;
  return run.value?.fields.find(({ name }) => name === wanted) ?? run.value?.fields[0];
});
export const colours = signal<ColourChoice>({});

export const projection = signal<ProjectionName>('globe');
export const camera = signal<Camera>({ longitude: 160, latitude: 20, zoom: 1 });
/** Whether a link or a hand has turned the globe; until then it turns to what happened. */
export const isTurned = signal(false);
export const layers = signal<Layers>({
  field: true,
  coast: true,
  graticule: true,
  daylight: false,
  relief: true,
  contours: false,
  particles: false,
  stations: true,
  places: false,
  plates: false,
  tiles: false,
});
/** How much steeper relief looks than it is. */
export const exaggeration = signal(1);

/** Undefined: the newest there is (live, or the end). */
export const seconds = signal<number | undefined>(undefined);
export const playing = signal(false);
/** Seconds of the scenario a second of playing. */
export const playbackSpeed = signal(1800);
export const shown = signal<Shown | undefined>(undefined);
/** The picture has come and moves, or stands still: from now on it is drawn in full, with marks and labels. */
export const settled = signal(false);
/** Waiting for a frame that was asked for. */
export const loading = signal(false);

export const pins = signal<readonly Pin[]>([]);
/** By pin. */
export const probes = signal<ReadonlyMap<number, ProbeReply>>(new Map());
export const stations = signal<StationReply | undefined>(undefined);
export const chosenStation = signal<string | undefined>(undefined);
export const panel = signal<PanelName | undefined>(undefined);
export const comparison = signal<Comparison | undefined>(undefined);
export const otherRun = signal<RunInfo | undefined>(undefined);
export const otherProgress = signal<Progress | undefined>(undefined);
/** Time of the other run that is on the screen. */
export const otherSeconds = signal<number | undefined>(undefined);
/** Where a what-if would strike, while one is being thought up. */
export const epicentre = signal<(Place & { readonly magnitude: number }) | undefined>(undefined);
/** Waiting for the scenario of a what-if. */
export const imagining = signal(false);
export const whatIf = signal<{ readonly yaml: string; readonly reasons: readonly string[] } | undefined>(undefined);
/** The last refusal or trouble, in plain words; panels show it until it is waved away. */
export const notice = signal<string | undefined>(undefined);
/** Frames drawn and milliseconds each, for the curious. */
export const drawing = signal<{ readonly perSecond: number; readonly milliseconds: number }>({
  perSecond: 0,
  milliseconds: 0,
});

export const reducedMotion = signal(false);

/** Time on show [s]. */
export const secondsShown = computed(() =>
  loading.value ? (seconds.value ?? shown.value?.seconds ?? 0) : (shown.value?.seconds ?? seconds.value ?? 0),
);
export const isLive = computed(() => seconds.value === undefined && progress.value?.state === 'running');
export const events = computed<readonly EventInfo[]>(() => run.value?.events ?? []);
/** Whether two runs are compared, and how: undefined until the other one is known. */
export const compared = computed(() => {
  const wanted = comparison.value;
  return wanted && otherRun.value?.id === wanted.run && run.value?.grid.kind !== 'plane' ? wanted.mode : undefined;
});

/** Map and limits that the picture is drawn with, and its legend. */
export const colouring = computed(() => {
  const { map, limits, logarithmic } = colours.value;
  const info = field.value;
  const [low, high] = limits ?? info?.limits ?? ([-1, 1] as const);
  if (compared.value === 'difference') {
    const most = Math.max(Math.abs(low), Math.abs(high));
    return { map: 'tide', limits: [-most, most] as const, logarithmic: false };
  }
  // A logarithm has no zero: three decades below the top.
  const isLogarithmic = (logarithmic ?? info?.logarithmic ?? false) && high > 0;
  return {
    map: map ?? info?.colourMap ?? 'tide',
    limits: [isLogarithmic && low <= 0 ? high / 1000 : low, high] as const,
    logarithmic: isLogarithmic,
  };
});
