import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startBroker } from '../../transport/broker.ts';
import { CliError } from '../errors.ts';
import { printEvent, say } from '../terminal.ts';
import { untilSignal } from '../until-signal.ts';
import { submitCommand } from './submit.ts';

export interface ClusterOptions {
  readonly nodes: number;
  readonly threads: number;
  readonly set: readonly string[];
  readonly small: boolean;
  readonly json: boolean;
}

const PROGRAM = fileURLToPath(new URL('../main.js', import.meta.url));
/** How long processes have to end by themselves [ms]. */
const PATIENCE = 5000;

/** A broker, a coordinator and some nodes on this machine, for trying out; runs a scenario on them, or waits for runs. */
export async function clusterCommand(scenario: string | undefined, options: ClusterOptions): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'terrella-cluster-'));
  const broker = await startBroker({ directory });
  const children: ChildProcess[] = [];
  let isEnding = false;
  let lost: ((error: Error) => void) | undefined;
  const loss = new Promise<never>((_, reject) => {
    lost = reject;
  });
  loss.catch(() => {});
  const begin = (...words: readonly string[]): void => {
    const child = spawn(process.execPath, [PROGRAM, ...words, '--nats', broker.url], {
      // A Ctrl-C of the terminal is for this process, which ends its children in order.
      detached: true,
      // Of a run that is waited for, the client tells.
      stdio: ['ignore', options.json || scenario !== undefined ? 'ignore' : 'inherit', 'inherit'],
    });
    children.push(child);
    child.once('error', () => {});
    child.once('exit', () => {
      if (!isEnding) lost?.(new CliError('ProcessLost', `${words[2]} has ended by itself. See what it said, above.`));
    });
  };
  try {
    begin('coordinator', '--name', 'coordinator');
    for (let k = 1; k <= options.nodes; k++) begin('node', '--name', `node-${k}`, '--threads', String(options.threads));
    if (options.json) printEvent({ event: 'cluster', server: broker.url, pids: children.map(({ pid }) => pid) });
    else say(false, `A cluster of ${options.nodes} nodes at ${broker.url}. Ctrl-C ends it.`);
    const link = { nats: broker.url };
    const { set, small, json } = options;
    if (scenario === undefined) await Promise.race([loss, untilSignal()]);
    else
      await Promise.race([
        loss,
        submitCommand(scenario, { ...link, set, small, json, owner: 'me', wait: true, patience: PATIENCE }),
        untilSignal(),
      ]);
  } finally {
    isEnding = true;
    await Promise.all(children.map(end));
    await broker.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  await ended;
  clearTimeout(timer);
}
