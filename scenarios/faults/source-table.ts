import type { GaussianHump } from '../../engine/sources/hump.ts';
import type { ReferencePoint, Subfault } from '../../engine/sources/subfault.ts';

/** Where a table comes from. */
export interface Provenance {
  readonly title: string;
  readonly citation: string;
  readonly licence: string;
  /** The file or repository it was taken from. */
  readonly origin?: string;
  /** What a reader must know: assumptions, what was left out. */
  readonly notes: readonly string[];
}

/** A set of subfaults: one earthquake, or a catalogue of unit sources to choose from. */
export interface FaultTable extends Provenance {
  readonly kind: 'earthquake' | 'catalogue';
  readonly reference: ReferencePoint;
  /** Shear modulus that the authors used [Pa], where the subfaults have none of their own. */
  readonly rigidity?: number;
  /** Moment magnitude as published. */
  readonly magnitude?: number;
  readonly subfaults: readonly Subfault[];
}

/** An initial sea surface, as a sum of Gaussian humps. */
export interface SurfaceTable extends Provenance {
  readonly kind: 'surface';
  readonly humps: readonly GaussianHump[];
}

export type SourceTable = FaultTable | SurfaceTable;

/** First line of Terrella's own tables: what they are and the version of the format. */
export const FAULTS_TAG = '# terrella-faults 1';
export const SURFACE_TAG = '# terrella-surface 1';

/** Header keys (`# key: value`) of Terrella's own tables. `note` may come more than once. */
export const HEADER_KEYS = [
  'title',
  'citation',
  'licence',
  'origin',
  'kind',
  'reference point',
  'rigidity [GPa]',
  'magnitude',
  'note',
] as const;
export type HeaderKey = (typeof HEADER_KEYS)[number];

export const FAULT_COLUMNS = [
  'subfault',
  'longitude [degrees_east]',
  'latitude [degrees_north]',
  'depth [km]',
  'length [km]',
  'width [km]',
  'strike [degrees]',
  'dip [degrees]',
  'rake [degrees]',
  'start [s]',
  'rise [s]',
  'slip [m]',
] as const;

/** Columns that may be left out: the end of an asymmetric cosine rise, and a shear modulus for each subfault. */
export const OPTIONAL_FAULT_COLUMNS = ['fall [s]', 'rigidity [GPa]'] as const;

export const SURFACE_COLUMNS = ['longitude [degrees_east]', 'latitude [degrees_north]', 'amplitude [m]'] as const;

/** A surface table has exactly one of these. */
export const SPREAD_COLUMNS = ['standard deviation [degrees]', 'standard deviation [m]'] as const;
