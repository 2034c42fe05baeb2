import type { Progress, RunInfo } from './viewing.ts';

/**
 * A run as files beside the viewer, for any host that serves files. A viewer that finds `site.json` beside its page shows
 * that run and asks for no gateway:
 *
 *   site.json                  SiteIndex, as JSON
 *   frames/<field>/00042.frame the 43rd frame of a moving field: the bytes of `packFrame`, id 0, all tiles
 *   frames/<field>/lasting.frame the one frame of a lasting field
 *   stations.message           a StationReply: the bytes of `packMessage`
 */
export const SITE_INDEX = 'site.json';
export const SITE_VERSION = 1;
export const SITE_STATIONS = 'stations.message';

export interface SiteIndex {
  readonly version: typeof SITE_VERSION;
  /** What made it: `Terrella 0.1.0 (006f51c)`. */
  readonly engine: string;
  /** Its only level is the one that all frames come in. */
  readonly run: RunInfo;
  /** Its times are those of the first field. */
  readonly progress: Progress;
  /** Seconds of the frames of each moving field, ascending; the place in the list is the number in the path. */
  readonly moving: Readonly<Record<string, readonly number[]>>;
  readonly lasting: readonly string[];
}

/** Paths count from the page. */
export const movingFramePath = (field: string, index: number): string =>
  `frames/${encodeURIComponent(field)}/${String(index).padStart(5, '0')}.frame`;

export const lastingFramePath = (field: string): string => `frames/${encodeURIComponent(field)}/lasting.frame`;
