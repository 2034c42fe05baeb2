import { type ChildProcess, spawn } from 'node:child_process';
import { resolve } from 'node:path';

/** The built program: what a user runs, and the only way to kill it whole. */
const MAIN = resolve('dist/workers/cli/main.js');

export interface Ended {
  readonly status: number | null;
  readonly signal: NodeJS.Signals | null;
  /** Lines of `--json`. */
  readonly events: readonly Readonly<Record<string, unknown>>[];
  readonly errors: string;
}

export interface Command {
  readonly child: ChildProcess;
  readonly ended: Promise<Ended>;
  /** What it has said on standard error so far. */
  readonly said: () => string;
  /** Whether it has reported progress, so that it steps. */
  readonly progressed: () => boolean;
}

/** Starts `terrella …` in a process of its own. */
export function terrella(args: readonly string[], environment: Readonly<Record<string, string>> = {}): Command {
  const child = spawn(process.execPath, [MAIN, ...args], {
    stdio: ['ignore', 'pipe', 'pipe'],
    env: { ...process.env, ...environment },
  });
  let [output, errors] = ['', ''];
  child.stdout.on('data', (data) => {
    output += data;
  });
  child.stderr.on('data', (data) => {
    errors += data;
  });
  const ended = new Promise<Ended>((done) => {
    child.on('close', (status, signal) => {
      const lines = output.split('\n').filter((line) => line.startsWith('{') && line.endsWith('}'));
      done({ status, signal, events: lines.map((line) => JSON.parse(line)), errors });
    });
  });
  return { child, ended, said: () => errors, progressed: () => output.includes('"progress"') };
}

/** The last line that a run printed, once it has finished; throws where it has not. */
export function finishedEvent({ events, errors, status }: Ended): Readonly<Record<string, unknown>> {
  const last = events.at(-1);
  if (last?.event !== 'finished') throw new Error(`status ${status}, not finished: ${errors}`);
  return last;
}

/** Waits until a condition holds, or the process ends. */
export async function until(holds: () => boolean, command: Command): Promise<void> {
  let over = false;
  void command.ended.then(() => {
    over = true;
  });
  while (!over && !holds()) await new Promise((next) => setTimeout(next, 2));
}

export const pause = (milliseconds: number): Promise<void> => new Promise((next) => setTimeout(next, milliseconds));
