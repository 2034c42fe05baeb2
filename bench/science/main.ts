import { mkdir, writeFile } from 'node:fs/promises';
import { availableParallelism, cpus } from 'node:os';
import { join } from 'node:path';
import { packageRoot } from '../../workers/store/provenance.ts';
import { reportPage } from './report.ts';
import { runScience } from './science.ts';

/**
 * `npm run science`: every published test at its resolutions, one table. --quick runs them coarse and short; --case NAME
 * one alone; --json prints lines of JSON; --docs writes docs/science.md and its pictures.
 */
const [args, has] = [process.argv.slice(2), (flag: string) => process.argv.includes(flag)];
const wanted = args.flatMap((flag, k) => (flag === '--case' ? [args[k + 1] ?? ''] : []));
const { cases, rows, plots, failed } = await runScience({
  quick: has('--quick'),
  json: has('--json'),
  wanted,
  threads: Math.min(availableParallelism(), 8),
  print: (line) => process.stdout.write(`${line}\n`),
});
if (has('--docs')) {
  const images = join(packageRoot(), 'docs', 'images');
  await mkdir(images, { recursive: true });
  for (const { name, png } of [...plots.values()].flat()) await writeFile(join(images, `${name}.png`), png);
  const machine = `${availableParallelism()} cores of ${cpus()[0]?.model ?? 'an unknown processor'}, Node ${process.version}`;
  await writeFile(join(packageRoot(), 'docs', 'science.md'), reportPage(cases, rows, plots, machine));
}
process.exitCode = failed > 0 ? 1 : 0;
