import type { Scenario } from '../../scenarios/scenario.ts';
import type { ProbeReply, Progress, RunInfo, RunSummary, StationReply } from '../protocol/viewing.ts';
import type { Frame } from './frame-encoding.ts';
import type { RunOrigin } from './recipe.ts';

export interface FrameRequest {
  readonly field: string;
  readonly level: number;
  /** The newest frame at or before this; the present unless told. */
  readonly seconds?: number | undefined;
}

export interface ProbeRequest {
  readonly field: string;
  readonly longitude: number;
  readonly latitude: number;
  readonly seconds?: number | undefined;
}

export type ProbeAnswer = Omit<ProbeReply, 'type' | 'id'>;

/** Somebody who wants frames of a field as they come. */
export interface Watch {
  readonly field: string;
  readonly level: number;
  /** Whether a frame would be sent now: credit is left and the line is free. */
  ready(): boolean;
  take(frame: Frame): void;
}

export interface Watching {
  /** To be called when the watch may have become ready. */
  wake(): void;
  stop(): void;
}

/** What a viewer may do to a live run. */
export interface RunControl {
  pause(): void;
  resume(): void;
  stop(): void;
  /** Seconds a second; undefined for as fast as it goes. */
  limitSpeed(limit: number | undefined): void;
}

/** What a run gives to its viewers, whether it is computed now or lies on a disk. Methods throw Refusal. */
export interface RunSource {
  readonly id: string;
  summary(): RunSummary;
  /** Undefined until the run is prepared. */
  info(): Promise<RunInfo | undefined>;
  progress(): Progress;
  frame(request: FrameRequest): Promise<Frame>;
  watch(watch: Watch): Watching;
  /** Frame tiles of a level. */
  tileCount(level: number): number;
  probe(request: ProbeRequest): Promise<ProbeAnswer>;
  stations(): Promise<StationReply['stations']>;
  /** What the run is of; undefined until it is known. */
  scenario(): Scenario | undefined;
  /** What somebody else would compute it again from; undefined until it is known. */
  origin(): RunOrigin | undefined;
  readonly control?: RunControl;
  /** Calls back when state or progress have changed, until the function that it gives is called. */
  onChange(listener: () => void): () => void;
}
