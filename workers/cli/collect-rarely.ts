import { setFlagsFromString } from 'node:v8';

/** By how much the heap, with the bytes of messages counted in, may grow from one collection of garbage to the next [%]. */
const GROWTH = 300;

/**
 * For a process that passes many messages: bytes of what came and went lie outside the heap, and V8 marks the whole of it for each 30 MB
 * of them, which took a node half of what its main thread and the collector's helpers computed. It marks three times more rarely now.
 */
export function collectRarely(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
}
