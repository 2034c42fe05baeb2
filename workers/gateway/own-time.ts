// Asked for by name, since a page has no such module.
const fs = globalThis.process?.getBuiltinModule?.('node:fs');
const text = new Uint8Array(64);
const counter = open();

function open(): number | undefined {
  try {
    return fs?.openSync('/proc/thread-self/schedstat', 'r');
  } catch {
    return undefined;
  }
}

/**
 * Time that this thread has computed [ms], where the system tells; elsewhere that of the clock, by which work seems dear
 * on a machine that is busy with something else.
 */
export function ownTime(): number {
  if (fs === undefined || counter === undefined) return performance.now();
  const length = fs.readSync(counter, text, 0, text.length, 0);
  return Number.parseInt(String.fromCharCode(...text.subarray(0, length)), 10) / 1e6;
}

/** Threads that this machine runs at one time. */
export const coresHere = (): number =>
  globalThis.process?.getBuiltinModule?.('node:os').availableParallelism() ?? navigator.hardwareConcurrency;
