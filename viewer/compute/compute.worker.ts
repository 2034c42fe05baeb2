import { expose } from 'comlink';
import { recipeComputer } from '../../workers/page/recipe-computer.ts';

// A bundler finds a worker's program only where it is written like this.
expose(recipeComputer(() => new Worker(new URL('./thread.worker.ts', import.meta.url), { type: 'module' })));
