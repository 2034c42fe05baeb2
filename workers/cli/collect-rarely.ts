import { setFlagsFromString } from 'node:v8';

/** By how much the heap, with the bytes of messages counted in, may grow from one collection of garbage to the next [%]. */
const GROWTH = 300;

/**
 * For a process that passes many messages: their bytes lie outside the heap, and unless told V8 marks the whole heap for each 30 MB that
 * came and went. With this a node takes half of the processor time beside its compute threads (docs/cluster.md).
 */
export function collectRarely(): void {
  setFlagsFromString(`--heap-growing-percent=${GROWTH}`);
}
