import { existsSync } from 'node:fs';
import { mkdir, rm, writeFile } from 'node:fs/promises';
import { availableParallelism } from 'node:os';
import { join, relative, resolve } from 'node:path';
import type { Form } from '../run/form.ts';
import { kernelHash } from '../run/kernel-hash.ts';
import { type PreparedRun, prepareRun } from '../run/prepare.ts';
import { RUN_PARTS, runScenario } from '../run/run-scenario.ts';
import type { Checkpoint } from '../store/checkpoints.ts';
import { CliError, EXIT } from './errors.ts';
import { failureMessage } from './failure-message.ts';
import { type LoadedScenario, openCache } from './load.ts';
import { finishedEvent, judgements, stationTable } from './result.ts';
import { printEvent, progressPrinter, say } from './terminal.ts';

export interface RunFlags {
  readonly threads?: number | undefined;
  readonly backend: Form;
  readonly skip: boolean;
  readonly replace: boolean;
  readonly json: boolean;
}

export const threadsOf = ({ threads }: Pick<RunFlags, 'threads'>): number =>
  threads ?? Math.min(availableParallelism(), 8);

/** Prepares a run with what the flags say. */
export async function prepare(
  { scenario }: LoadedScenario,
  flags: Pick<RunFlags, 'threads' | 'backend' | 'skip'>,
): Promise<PreparedRun> {
  return prepareRun(scenario, {
    threads: threadsOf(flags),
    form: flags.backend,
    skipRest: flags.skip,
    cache: await openCache(),
  });
}

/** Runs a scenario into a directory, prints what comes of it, and returns the exit status. */
export async function execute(
  loaded: LoadedScenario,
  directory: string,
  flags: RunFlags,
  resume?: Checkpoint,
): Promise<number> {
  const startedAt = performance.now();
  const { scenario, identity, inputs } = loaded;
  if (!resume && existsSync(join(directory, RUN_PARTS.zarr)) && !flags.replace) {
    throw new CliError(
      'OutputExists',
      `${directory} holds a run already. Give another --output, or --replace to write over it.`,
      EXIT.usage,
    );
  }
  const prepared = await prepare(loaded, flags);
  for (const { name, moved } of prepared.stations) {
    if (moved !== undefined) {
      say(
        true,
        `warning: StationOnLand: ${name} lies on land of this grid; its record is of the nearest wet cell, ${(moved / 1000).toFixed(1)} km away.`,
      );
    }
  }
  if (!resume) {
    await mkdir(directory, { recursive: true });
    // Checkpoints of a run that is being replaced belong to that run.
    await rm(join(directory, RUN_PARTS.checkpoints), { recursive: true, force: true });
    await rm(join(directory, RUN_PARTS.result), { force: true });
  }
  await writeFile(join(directory, RUN_PARTS.scenario), `${JSON.stringify({ scenario, identity, inputs }, null, 2)}\n`);
  let interrupted = false;
  const interrupt = () => {
    if (interrupted) process.exit(EXIT.interrupted);
    interrupted = true;
    say(true, '\nStopping after a checkpoint; press Ctrl-C again to stop at once.');
  };
  process.on('SIGINT', interrupt);
  process.on('SIGTERM', interrupt);
  const printer = progressPrinter(scenario.name, flags.json);
  try {
    const end = await runScenario({
      prepared,
      identity,
      inputs,
      kernelHash: kernelHash(prepared.model, prepared.options.scheme, scenario.model.precision),
      directory,
      replace: flags.replace,
      resume,
      onProgress: printer.show,
      interrupted: () => interrupted,
      startedAt,
    });
    printer.end();
    const shown = relative(process.cwd(), directory) || '.';
    switch (end.outcome) {
      case 'failed': {
        const message = `UnstableStep: ${failureMessage(end.failure, prepared, end.lastCheckpoint)}`;
        if (flags.json)
          printEvent({ event: 'failed', error: 'UnstableStep', message, scenario: scenario.name, identity, ...end });
        say(true, message);
        return EXIT.failed;
      }
      case 'interrupted': {
        const message = `Interrupted at step ${end.step} (${(end.seconds / 60).toFixed(1)} min). Go on with: terrella resume ${shown}`;
        if (flags.json)
          printEvent({
            event: 'failed',
            error: 'Interrupted',
            message,
            scenario: scenario.name,
            identity,
            step: end.step,
          });
        say(true, message);
        return EXIT.interrupted;
      }
      case 'finished': {
        const event = finishedEvent(
          {
            scenario,
            identity,
            backend: `cpu-${flags.backend}`,
            threads: prepared.options.threads,
            output: resolve(directory),
          },
          end.result,
        );
        await writeFile(join(directory, RUN_PARTS.result), `${JSON.stringify(event, null, 2)}\n`);
        const judged = judgements(scenario, end.result);
        const { result } = end;
        say(
          flags.json,
          [
            `${scenario.title}`,
            `${result.steps} steps of ${prepared.timeStep.toPrecision(4)} s in ${result.wallSeconds.toFixed(1)} s: ${Math.round(result.realTimeFactor)}× real time on ${prepared.options.threads} threads, ${Math.round(100 * result.atRest)} % of tile-steps at rest, ${result.peakMemoryMiB} MiB`,
            `largest amplitude ${result.maximumAmplitude.toPrecision(4)} m, fastest water ${result.maximumSpeed.toPrecision(4)} m/s, mass ${result.massRelativeDrift.toExponential(1)} of the displaced volume`,
            ...(result.stations.length > 0 ? ['', stationTable(result.stations)] : []),
            '',
            ...judged.map(
              ({ metric, value, pass }) =>
                `${pass ? 'as expected' : 'NOT AS EXPECTED'}: ${metric} = ${value ?? 'missing'}`,
            ),
            `state hash ${result.stateHash}`,
            `results in ${shown}`,
          ].join('\n'),
        );
        if (flags.json) printEvent(event);
        return judged.every(({ pass }) => pass) ? EXIT.done : EXIT.failed;
      }
    }
  } finally {
    process.off('SIGINT', interrupt);
    process.off('SIGTERM', interrupt);
  }
}
