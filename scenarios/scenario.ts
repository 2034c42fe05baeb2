import type { Precision } from '../engine/compiler/pipeline.ts';
import type { Side } from '../engine/grid/grid.ts';
import type { PlaneBoundary } from '../engine/grid/plane.ts';
import type { ShallowWaterSettings } from '../engine/models/shallow-water.ts';
import type { TsunamiSettings } from '../engine/models/tsunami.ts';
import type { Subfault } from '../engine/sources/subfault.ts';
import type { StateSettings } from './states/index.ts';

/**
 * A scenario as the program sees it: validated, defaults filled in, SI units (angles in degrees), paths resolved.
 * Positions are longitude and latitude [degrees]; on a plane they are x and y [m], as in `Grid.locate`.
 */
export interface Scenario {
  readonly terrella: 1;
  readonly name: string;
  readonly title: string;
  readonly description: string;
  readonly references: readonly string[];
  readonly model: ModelSettings;
  readonly grid: GridSettings;
  readonly time: TimeSettings;
  readonly sources: readonly Source[];
  readonly initial: InitialSettings;
  readonly observations: readonly ObservationSettings[];
  readonly output: OutputSettings;
  readonly expect: readonly Expectation[];
}

/** Equations of motion that a scenario may name. */
export const EQUATIONS = ['tsunami', 'shallow-water', 'transport'] as const;

export interface ModelSettings {
  readonly equations: (typeof EQUATIONS)[number];
  readonly precision: Precision;
  /** As the model takes them; `rotation` is 0 where Coriolis is off. */
  readonly parameters: TsunamiSettings & Pick<ShallowWaterSettings, 'hyperdiffusion'>;
  readonly tracers: readonly TracerSettings[];
}

/** A tracer that rides on the water. */
export interface TracerSettings {
  readonly name: string;
  /** Concentration everywhere at the start. */
  readonly background: number;
  /** Discs of another concentration at the start; radius [m]. */
  readonly patches: readonly {
    readonly longitude: number;
    readonly latitude: number;
    readonly radius: number;
    readonly value: number;
  }[];
}

export type GridSettings = SphereSettings | PlaneSettings;

export interface SphereSettings {
  readonly kind: 'cubed-sphere';
  /** Across a panel: 90° / cells at the middle of a panel. */
  readonly cells: number;
  /** Cells across a tile; divides `cells`. */
  readonly tile: number;
  readonly bathymetry: Bathymetry;
}

export interface PlaneSettings {
  readonly kind: 'plane';
  readonly cellsX: number;
  readonly cellsY: number;
  readonly tileX: number;
  readonly tileY: number;
  /** Extent along x and y [m]. */
  readonly sizeX: number;
  readonly sizeY: number;
  /** What lies at both ends along x and along y. The south-west corner is the origin. */
  readonly boundary: { readonly x: PlaneBoundary; readonly y: PlaneBoundary };
  /** Sides where waves come in and leave, in place of a wall. */
  readonly open?: readonly Side[] | undefined;
  readonly bathymetry: Bathymetry;
}

/** The bed. Depths are below the datum [m], positive down. */
export type Bathymetry =
  /** From coarse to fine: a later layer covers an earlier one where it has data. */
  | { readonly type: 'layers'; readonly layers: readonly BathymetryLayer[] }
  | { readonly type: 'constant'; readonly depth: number }
  /** Flat at the datum, or the bed that the initial state comes with. */
  | { readonly type: 'none' }
  | SlopeBed
  | ProfileBed
  | ConeBed;

export interface BathymetryLayer {
  readonly file: string;
  /** Variable of a NetCDF file; found by its role unless told. */
  readonly variable?: string | undefined;
}

/** A flat bed and, beyond the toe at x [m], a plane beach that rises by `gradient`. */
export interface SlopeBed {
  readonly type: 'slope';
  readonly depth: number;
  readonly toe: number;
  readonly gradient: number;
  readonly rises: 'east' | 'west';
}

/** A bed that changes along x alone: straight between points of x and height [m], flat before the first and after the last. */
export interface ProfileBed {
  readonly type: 'profile';
  /** In ascending x; heights positive up. */
  readonly points: readonly (readonly [number, number])[];
}

/** A flat bed and on it a cone cut off at the top: centre x, y, radii and height above the bed [m]. */
export interface ConeBed {
  readonly type: 'cone';
  readonly depth: number;
  readonly x: number;
  readonly y: number;
  readonly baseRadius: number;
  readonly topRadius: number;
  readonly height: number;
}

export interface TimeSettings {
  /** UTC, ISO 8601. */
  readonly start: string;
  /** [s]. */
  readonly duration: number;
  readonly step:
    | { readonly kind: 'fixed'; readonly seconds: number }
    | { readonly kind: 'courant'; readonly courant: number };
}

export type Source = EarthquakeSource | GaussianSource | SurfaceSource | SolitaryWaveSource | IncidentWaveSource;

export interface EarthquakeSource {
  readonly type: 'earthquake';
  /** A table of subfaults, or the subfaults themselves. */
  readonly faults:
    | { readonly kind: 'file'; readonly file: string }
    | { readonly kind: 'inline'; readonly subfaults: readonly Subfault[] };
  /** Moment magnitude as published, to check the slip against. */
  readonly magnitude?: number | undefined;
  /** Whether horizontal motion of a sloping bed lifts water (Tanioka & Satake 1996). */
  readonly horizontal: boolean;
  /** All slip is multiplied by this. */
  readonly scale: number;
  /** When the rupture begins, after the start of the run [s]. */
  readonly begin: number;
  /** For subfaults that state none [Pa]. */
  readonly rigidity: number;
  /** Slip beyond this is taken for a mistake [m]. */
  readonly maximumSlip: number;
}

/** A hump height · exp(−distance² / 2 radius²) [m], lifted at once. */
export interface GaussianSource {
  readonly type: 'gaussian';
  readonly longitude: number;
  readonly latitude: number;
  readonly height: number;
  readonly radius: number;
  readonly begin: number;
}

/** A displacement of the surface from a file, multiplied by `factor` to metres. */
export interface SurfaceSource {
  readonly type: 'surface';
  readonly file: string;
  readonly variable?: string | undefined;
  readonly factor: number;
  readonly begin: number;
}

/** A solitary wave on a plane, its crest along y at x = position [m], running east or west over depth [m]. */
export interface SolitaryWaveSource {
  readonly type: 'solitary-wave';
  readonly height: number;
  readonly position: number;
  readonly depth: number;
  readonly heading: 'east' | 'west';
}

/** A wave that comes in through an open side of a plane, running straight inwards. */
export interface IncidentWaveSource {
  readonly type: 'incident-wave';
  readonly side: Side;
  readonly wave: /** A record: seconds and metres above still water, delayed by `delay` [s] and multiplied by `scale`. */
    | { readonly kind: 'record'; readonly file: string; readonly delay: number; readonly scale: number }
    /** A solitary wave over depth [m], its crest at the side at time `crest` [s]. */
    | { readonly kind: 'solitary'; readonly height: number; readonly depth: number; readonly crest: number };
}

export interface InitialSettings {
  /** Level that the sea starts at [m]; the model's `seaLevel` unless told. */
  readonly seaLevel: number;
  /** A published test's state, with its bed, or weather; what the shallow-water equations start from. */
  readonly state?: StateSettings | undefined;
}

export interface ObservationSettings {
  /** Name of the station in results and metrics. */
  readonly name: string;
  readonly kind: 'dart' | 'station';
  readonly longitude: number;
  readonly latitude: number;
  readonly file: string;
  readonly role: 'verify' | 'show';
  /** Records before this time after the start are not scored: seismic waves [s]. */
  readonly mask: number;
}

/** Fields that a run of the tsunami equations can write: CF standard names, and the running extremes. */
export const OCEAN_FIELDS = [
  'sea_surface_height_above_mean_sea_level',
  'sea_water_speed',
  'eastward_sea_water_velocity',
  'northward_sea_water_velocity',
  'sea_floor_depth_below_mean_sea_level',
  'maximum_amplitude',
  'maximum_speed',
  'arrival_time',
] as const;

/** Fields that a run of the shallow-water equations can write: CF standard names where there are such. */
export const AIR_FIELDS = [
  'geopotential_height',
  'surface_altitude',
  'eastward_wind',
  'northward_wind',
  'wind_speed',
  'atmosphere_relative_vorticity',
  'divergence_of_wind',
  'shallow_water_potential_vorticity',
] as const;

/** Fields that a run of the transport equations can write: the carrying air, and the tracers of its state. */
export const TRACER_FIELDS = [
  'air_density',
  'cosine_bell',
  'gaussian_hills',
  'cosine_bells',
  'correlated_bells',
  'slotted_cylinders',
] as const;

export const OUTPUT_FIELDS = [...OCEAN_FIELDS, ...AIR_FIELDS, ...TRACER_FIELDS] as const;

/** How a tracer may be called. */
export const TRACER_NAME = /^[A-Za-z][A-Za-z0-9_]{0,39}$/;

export interface OutputSettings {
  readonly fields: readonly {
    /** One of `OUTPUT_FIELDS`, or a tracer. */
    readonly name: string;
    /** Interval [s]; absent: once, at the end. */
    readonly every?: number | undefined;
  }[];
  readonly stations: readonly StationSettings[];
  readonly format: 'zarr' | 'none';
  /** Spacing of the latitude–longitude copy [degrees]; absent: none. */
  readonly latitudeLongitude?: number | undefined;
  readonly checkpoints: { readonly every?: number | undefined; readonly keep: number };
}

export interface StationSettings {
  readonly name: string;
  readonly longitude: number;
  readonly latitude: number;
  /** Interval of the time series [s]. */
  readonly every: number;
}

/** What a result must satisfy, in SI units. Bounds of `between` are allowed values; `below` and `above` are strict. */
export type Expectation =
  | { readonly metric: string; readonly kind: 'below' | 'above' | 'equals'; readonly value: number }
  | { readonly metric: string; readonly kind: 'between'; readonly low: number; readonly high: number };

/** Places where a time series is kept: the stations, and every observation that is not one of them. */
export function recordedStations(scenario: Scenario): readonly StationSettings[] {
  const { stations } = scenario.output;
  const named = new Set(stations.map((station) => station.name));
  const observed = scenario.observations
    .filter((observation) => !named.has(observation.name))
    .map(({ name, longitude, latitude }) => ({ name, longitude, latitude, every: 60 }));
  return [...stations, ...observed];
}
