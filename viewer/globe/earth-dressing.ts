import { effect } from '@preact/signals';
import { wrap } from 'comlink';
import type { RunInfo } from '../../workers/protocol/viewing.ts';
import * as state from '../state.ts';
import type { Session } from '../stream/session.ts';
import { isSoftware } from './drawn-by.ts';
import type { EarthMaker } from './earth.worker.ts';
import type { LandDetail } from './land-topology.ts';
import { finestLevel } from './level.ts';
import { along, lineGeometry } from './lines.ts';
import type { Scene } from './scene.ts';
import { shores } from './shores.ts';

/** Points across a panel of the drawn earth, at once, later without a graphics card, and later with one. */
const COARSE = 256;
const FINE = 512;
const FINEST = 1024;
/** Stands for a globe without a run. */
const BARE = 'no run';

/** What the globe wears beside the field: land and relief of the run's own ground, shores, plates. */
export class EarthDressing {
  readonly #session: Session;
  readonly #scene: Scene;
  readonly #onChange: () => void;
  readonly #maker = wrap<EarthMaker>(new Worker(new URL('./earth.worker.ts', import.meta.url), { type: 'module' }));
  #run = '';
  #hasLand = true;
  #hasFineShores = false;

  constructor(session: Session, scene: Scene, onChange: () => void) {
    this.#session = session;
    this.#scene = scene;
    this.#onChange = onChange;
    const stopWaiting = effect(() => {
      if (state.layers.value.plates) void this.#loadPlates().finally(() => stopWaiting());
    });
  }

  get hasLand(): boolean {
    return this.#hasLand;
  }

  forget(): void {
    this.#run = '';
  }

  /** Land alone, as long as there is no run. */
  dressBare(): void {
    if (this.#run === BARE) return;
    this.#run = BARE;
    const dress = async (detail: LandDetail, size: number) => {
      const earth = await this.#maker.make(undefined, 1, detail, size);
      if (this.#run !== BARE) return;
      this.#scene.setEarth(earth);
      this.#onChange();
    };
    dress('110m', COARSE)
      .then(() => dress('50m', isSoftware() ? FINE : FINEST))
      .catch(() => {
        if (this.#run === BARE) this.#run = '';
      });
  }

  /** Land and relief: coarse at once, fine when there is time. */
  dress(run: RunInfo): void {
    if (this.#run === run.id || run.grid.kind === 'plane') return;
    this.#run = run.id;
    this.#hasLand = true;
    const { ground } = run;
    const key = ground === undefined ? undefined : { run: run.id, field: ground, level: finestLevel(run) };
    const sign = ground?.includes('depth') ? -1 : 1;
    const dress = async (detail: LandDetail, size: number) => {
      const frame = key && (await this.#session.stream.frame(key));
      const earth = await this.#maker.make(frame, sign, detail, size);
      if (state.runId.value !== run.id) return;
      this.#scene.setEarth(earth);
      this.#hasLand = earth.hasLand;
      this.#onChange();
    };
    dress('110m', COARSE)
      .then(() => dress('50m', isSoftware() ? FINE : FINEST))
      .catch(() => {
        // The ground comes with the next frame that does.
        if (this.#run === run.id) this.#run = '';
      });
  }

  async loadShores(): Promise<void> {
    this.#scene.setCoast(await shores('110m'));
    this.#onChange();
  }

  /** Finer shores, for those who look closely. */
  async refineShores(): Promise<void> {
    if (this.#hasFineShores) return;
    this.#hasFineShores = true;
    this.#scene.setCoast(await shores('50m'));
    this.#onChange();
  }

  /** Plate boundaries of Bird (2003), when somebody wants to see them. */
  async #loadPlates(): Promise<void> {
    const { default: plates } = await import('./plates.json');
    this.#scene.setPlates(lineGeometry(along(plates)));
    this.#onChange();
  }
}
