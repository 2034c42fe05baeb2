import { runBench } from './engine.ts';

const json = process.argv.includes('--json');
const quick = process.argv.includes('--quick');
if (!json) process.stdout.write('Medians of interleaved repetitions; a busy machine is slower.\n');
await runBench({ json, quick });
