import * as state from '../state.ts';
import type { Session } from '../stream/session.ts';
import type { Particles } from './particles.ts';
import { indexAt } from './playback.ts';

/** Cells across a panel that a flow to drift with must have. */
const COARSEST = 64;
/** Velocities are asked for so often [ms]. */
const EVERY = 1000;

/** Feeds the particles with the flow of the time on show. */
export class Flow {
  readonly #session: Session;
  readonly #particles: Particles;
  #run: string | undefined;
  #asked = 0;

  constructor(session: Session, particles: Particles) {
    this.#session = session;
    this.#particles = particles;
  }

  /** Run whose flow the particles drift with. */
  get run(): string | undefined {
    return this.#run;
  }

  forget(): void {
    this.#run = undefined;
  }

  /** Lets them drift; whether they have moved. */
  advance(now: number, elapsed: number): boolean {
    const run = state.run.value;
    if (!state.layers.value.particles || !run?.flow || run.grid.kind === 'plane') return false;
    const moves = !state.reducedMotion.value || this.#run !== run.id;
    if (moves) this.#particles.advance(elapsed);
    if (now < this.#asked + EVERY || state.connection.value.phase === 'lost') return moves;
    this.#asked = now;
    const level = Math.max(...run.levels.filter((one) => run.grid.cellsX / 2 ** one >= COARSEST), run.levels[0]!);
    // A kept time, so that the frames are found again.
    const times = state.progress.value?.times ?? [];
    const seconds = state.seconds.value === undefined ? undefined : times[indexAt(times, state.seconds.value)];
    const { stream } = this.#session;
    const key = (field: string) => ({ run: run.id, field, level, ...(seconds === undefined ? {} : { seconds }) });
    Promise.all(run.flow.map((field) => stream.frame(key(field))))
      .then(([east, north]) => {
        this.#particles.follow(east!, north!);
        this.#run = run.id;
      })
      .catch(() => {
        // Of the past the gateway may have kept no flow; the particles go on with the last they had.
      });
    return moves;
  }
}
