#!/usr/bin/env node
import { CommanderError } from 'commander';
import { fileError } from '../store/errors.ts';
import { EXIT, errorTag } from './errors.ts';
import { buildProgram, usageMessage } from './program.ts';
import { printEvent } from './terminal.ts';

const json = process.argv.includes('--json');

const FAULT = 'This is a fault of Terrella: please report it, with what TERRELLA_TRACE=1 adds to it.';

/** Any error ends here: one line that names the tag, the value and the cure; never a stack trace. */
function report(thrown: unknown): number {
  if (thrown instanceof CommanderError) {
    const wrong = thrown.exitCode !== 0;
    // Commander has told people already.
    if (wrong && json) printEvent({ event: 'failed', error: 'Usage', message: usageMessage(thrown.message) });
    return wrong ? EXIT.usage : EXIT.done;
  }
  const error = isSystemError(thrown) ? fileError(thrown, thrown.syscall, thrown.path ?? 'a file') : thrown;
  const tag = errorTag(error) ?? 'InternalError';
  const text = error instanceof Error ? error.message : String(error);
  const bare = (text.startsWith(`${tag}: `) ? text.slice(tag.length + 2) : text).trim();
  const message = tag === 'InternalError' ? `${bare}. ${FAULT}` : bare;
  if (json) printEvent({ event: 'failed', error: tag, message, ...detailsOf(error) });
  process.stderr.write(`${tag}:${message.includes('\n') ? '\n' : ' '}${message}\n`);
  if (process.env.TERRELLA_TRACE && thrown instanceof Error) process.stderr.write(`${thrown.stack}\n`);
  const status = typeof error === 'object' && error !== null && 'status' in error ? error.status : undefined;
  return typeof status === 'number' ? status : EXIT.failed;
}

const detailsOf = (error: unknown): object =>
  typeof error === 'object' && error !== null && 'details' in error ? (error.details as object) : {};

function isSystemError(error: unknown): error is Error & { syscall: string; path?: string } {
  return error instanceof Error && !('tag' in error) && 'syscall' in error && 'code' in error;
}

// A reader that goes away, as `| head` does, ends the printing and not the run.
for (const stream of [process.stdout, process.stderr]) {
  stream.on('error', (error: NodeJS.ErrnoException) => {
    if (error.code !== 'EPIPE') throw error;
  });
}
process.on('uncaughtException', (error) => process.exit(report(error)));

try {
  process.exitCode = EXIT.done;
  await buildProgram().parseAsync();
} catch (error) {
  process.exitCode = report(error);
}
