import { EXIT } from './errors.ts';
import { say } from './terminal.ts';

/** npm passes a Ctrl-C on to a program that has had it from the terminal already [ms]. */
const ONE_KEY_PRESS = 1000;

/** Whether somebody has asked the run to stop. */
export interface Interruption {
  readonly asked: () => boolean;
  /** Gives signals back to the system. */
  readonly close: () => void;
}

/** Lets a first Ctrl-C (or SIGTERM) be looked at when the run can stop; a second one stops it at once. */
export function watchForInterruption(): Interruption {
  let askedAt: number | undefined;
  const interrupt = () => {
    const now = performance.now();
    if (askedAt === undefined) {
      askedAt = now;
      say(true, '\nStopping after a checkpoint; press Ctrl-C again to stop at once.');
    } else if (now - askedAt > ONE_KEY_PRESS) process.exit(EXIT.interrupted);
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  return {
    asked: () => askedAt !== undefined,
    close: () => {
      // Otherwise a late second signal would kill what is about to end well.
      if (askedAt !== undefined) return;
      process.off('SIGINT', interrupt);
      process.off('SIGTERM', interrupt);
    },
  };
}
