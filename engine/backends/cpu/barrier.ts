/**
 * Meeting point of the compute threads of one run, and their shared list of work, in Int32 cells of shared memory.
 * Works without threads too: one thread never waits.
 */

/** Int32 cells at the start of the control block. */
export const CONTROL = {
  arrived: 0,
  generation: 1,
  /** Three task counters, used in turn. */
  tasks: 2,
  /** Tile id + 1 of the lowest tile that failed; 0 while all is well. */
  failedTile: 5,
  /** Set by whoever wants the threads back before their last step. */
  pauseAsked: 6,
  /** What the last thread to arrive found there: all threads see the same. */
  pausing: 7,
  /** Of a shard: the round that its threads have begun, the last whose halos are in, and whether no more will come. */
  begun: 8,
  arrivedHalos: 9,
  abandoned: 10,
  cells: 16,
} as const;

/** Rounds of looking before a thread goes to sleep: stages differ by microseconds, waking costs ten. */
const LOOKS_BEFORE_SLEEP = 2000;

/** How long a thread sleeps before it looks whether the run is abandoned [ms]. */
const LONGEST_SLEEP = 100;

/** Says that a round has begun, so that its halos are packed and sent. Called by one thread, after a meeting. */
export function beginRound(control: Int32Array, round: number): void {
  Atomics.store(control, CONTROL.begun, round);
  Atomics.notify(control, CONTROL.begun);
}

/** Waits until the halos of a round are in; false once they never will be. All threads are told the same. */
export function awaitHalos(control: Int32Array, round: number): boolean {
  for (;;) {
    const arrived = Atomics.load(control, CONTROL.arrivedHalos);
    if (arrived >= round) return true;
    // Whoever abandons a run sets nothing after it, so the halos that came are all that will.
    if (Atomics.load(control, CONTROL.abandoned) !== 0) return Atomics.load(control, CONTROL.arrivedHalos) >= round;
    // With a limit: what abandons a run may come between the look above and this.
    Atomics.wait(control, CONTROL.arrivedHalos, arrived, LONGEST_SLEEP);
  }
}

/** Waits until all `threads` have called it. Every thread must pass through the same barriers in the same order. */
export function meet(control: Int32Array, threads: number): void {
  if (threads === 1) {
    Atomics.store(control, CONTROL.pausing, Atomics.load(control, CONTROL.pauseAsked));
    return;
  }
  const generation = Atomics.load(control, CONTROL.generation);
  if (Atomics.add(control, CONTROL.arrived, 1) === threads - 1) {
    Atomics.store(control, CONTROL.arrived, 0);
    Atomics.store(control, CONTROL.pausing, Atomics.load(control, CONTROL.pauseAsked));
    Atomics.store(control, CONTROL.generation, (generation + 1) | 0);
    Atomics.notify(control, CONTROL.generation);
    return;
  }
  for (let look = 0; look < LOOKS_BEFORE_SLEEP; look++) {
    if (Atomics.load(control, CONTROL.generation) !== generation) return;
  }
  while (Atomics.load(control, CONTROL.generation) === generation) {
    Atomics.wait(control, CONTROL.generation, generation);
  }
}
