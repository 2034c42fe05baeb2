#!/usr/bin/env node
import { CommanderError } from 'commander';
import { EXIT, errorTag } from './errors.ts';
import { buildProgram } from './program.ts';
import { printEvent } from './terminal.ts';

const json = process.argv.includes('--json');

/** Any error ends here: one line that names the tag, the value and the cure; never a stack trace. */
function report(error: unknown): number {
  if (error instanceof CommanderError) return error.exitCode === 0 ? EXIT.done : EXIT.usage;
  const tag = errorTag(error) ?? 'InternalError';
  const text = error instanceof Error ? error.message : String(error);
  const message = text.startsWith(`${tag}: `) ? text.slice(tag.length + 2) : text;
  if (json) printEvent({ event: 'failed', error: tag, message, ...detailsOf(error) });
  process.stderr.write(`${tag}: ${message}\n`);
  if (tag === 'InternalError' && process.env['TERRELLA_TRACE'] && error instanceof Error)
    process.stderr.write(`${error.stack}\n`);
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  return typeof status === 'number' ? status : EXIT.failed;
}

const detailsOf = (error: unknown): object =>
  typeof error === 'object' && error !== null && 'details' in error ? (error.details as object) : {};

try {
  process.exitCode = EXIT.done;
  await buildProgram().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
