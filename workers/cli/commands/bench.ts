import { existsSync } from 'node:fs';
import { fileURLToPath } from 'node:url';
import { CliError, EXIT } from '../errors.ts';

/** Built beside the program; measurements are no part of it, so it is not imported by name. */
const ENGINE = new URL(
  import.meta.url.endsWith('.ts') ? '../../../bench/engine.ts' : '../../../bench/engine.js',
  import.meta.url,
);

export interface BenchOptions {
  readonly json: boolean;
  /** Half a minute instead of three. */
  readonly quick: boolean;
  /** Cells across a panel. */
  readonly cells?: number;
}

interface Bench {
  runBench(options: BenchOptions): Promise<unknown>;
}

/** The same as `npm run bench`. */
export async function benchCommand(options: BenchOptions): Promise<void> {
  if (!existsSync(fileURLToPath(ENGINE))) {
    throw new CliError(
      'BenchMissing',
      'the measurements are not installed with this copy of Terrella. Run it from its repository, after npm run build.',
      EXIT.usage,
    );
  }
  const { runBench } = (await import(ENGINE.href)) as Bench;
  await runBench(options);
}
