import { expose } from 'comlink';
import { computeThread } from '../../workers/threads/joined-thread.ts';

expose(computeThread());
