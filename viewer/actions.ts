import type { Place } from './state.ts';

/**
 * What a visitor can do that needs the gateway or the globe. `session` and `globe` put their own functions in at start, so
 * panels need to know neither.
 */
export interface Actions {
  openRun(id: string): void;
  pause(): void;
  resume(): void;
  stop(): void;
  /** Undefined: as fast as it goes. */
  limitSpeed(secondsASecond: number | undefined): void;
  /** By name or as YAML; as a variant of the run on show, or not. */
  startScenario(scenario: string, isVariant?: boolean): void;
  /** Asks for the scenario of a what-if; it comes as `whatIf`. */
  imagine(place: Place, magnitude: number): void;
  /** Computes the run on show in this page, or the earthquake that was thought up last. */
  computeHere(what?: 'run' | 'what-if'): void;
  cancelComputing(): void;
  /** Has this page compute tiles of the cluster’s runs, and no longer. */
  hostShards(): void;
  leaveCluster(): void;
  /** Shows again what the page showed before it computed. */
  leaveHere(): void;
  addPin(place: Place, name?: string): void;
  removePin(id: number): void;
  /** Turns the globe to a place, smoothly unless motion is reduced. */
  flyTo(place: Place, zoom?: number): void;
  /** PNG of the view with legend and time. */
  savePicture(): Promise<Blob>;
  /** GIF from one time to another. */
  saveAnimation(from: number, to: number, frames: number, onFrame: (done: number) => void): Promise<Blob>;
}

const missing = (): never => {
  throw new Error('NotReady: the viewer has not started yet. Reload the page.');
};

export const actions: Actions = {
  openRun: missing,
  pause: missing,
  resume: missing,
  stop: missing,
  limitSpeed: missing,
  startScenario: missing,
  imagine: missing,
  computeHere: missing,
  cancelComputing: missing,
  hostShards: missing,
  leaveCluster: missing,
  leaveHere: missing,
  addPin: missing,
  removePin: missing,
  flyTo: missing,
  savePicture: missing,
  saveAnimation: missing,
};
