import { openSync, readSync } from 'node:fs';

const text = Buffer.alloc(64);
const counter = open();

function open(): number | undefined {
  try {
    return openSync('/proc/thread-self/schedstat', 'r');
  } catch {
    return undefined;
  }
}

/**
 * Time that this thread has computed [ms], where the system tells; elsewhere that of the clock, by which work seems dear
 * on a machine that is busy with something else.
 */
export function ownTime(): number {
  if (counter === undefined) return performance.now();
  const length = readSync(counter, text, 0, text.length, 0);
  return Number.parseInt(text.toString('latin1', 0, length), 10) / 1e6;
}
