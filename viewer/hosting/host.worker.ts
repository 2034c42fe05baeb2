import { expose } from 'comlink';
import { shardHosting } from '../../workers/page/shard-hosting.ts';

// A bundler finds a worker's program only where it is written like this.
expose(shardHosting(() => new Worker(new URL('../compute/thread.worker.ts', import.meta.url), { type: 'module' })));
