import { expose } from 'comlink';
import { computeThread } from '../threads/joined-thread.ts';

/** Makes this worker of a page a compute thread. */
export const bePageThread = (): void => expose(computeThread());
