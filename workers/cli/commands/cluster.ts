import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startBroker } from '../../transport/broker.ts';
import { CliError, EXIT } from '../errors.ts';
import { printEvent, say } from '../terminal.ts';
import { untilSignal } from '../until-signal.ts';

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
  const { set, small, json } = options;
  const children: ChildProcess[] = [];
  let isEnding = false;
  let lost: ((error: Error) => void) | undefined;
  const loss = new Promise<never>((_, reject) => {
    lost = reject;
  });
  loss.catch(() => {});
  const begin = (isShown: boolean, ...words: readonly string[]): ChildProcess => {
    const child = spawn(process.execPath, [PROGRAM, ...words, '--nats', broker.url], {
      // A Ctrl-C of the terminal is for this process, which ends its children in order.
      detached: true,
      stdio: ['ignore', isShown ? 'inherit' : 'ignore', 'inherit'],
    });
    children.push(child);
    child.once('error', () => {});
    return child;
  };
  const host = (kind: string, name: string, ...words: readonly string[]): void => {
    // Of a run that is waited for, the client tells.
    begin(scenario === undefined && !json, kind, '--name', name, ...words).once('exit', () => {
      if (!isEnding) lost?.(new CliError('ProcessLost', `${name} has ended by itself. See what it said, above.`));
    });
  };
  try {
    host('coordinator', 'coordinator');
    for (let k = 1; k <= options.nodes; k++) host('node', `node-${k}`, '--threads', String(options.threads));
    if (json) printEvent({ event: 'cluster', server: broker.url, pids: children.map(({ pid }) => pid) });
    else say(false, `A cluster of ${options.nodes} nodes at ${broker.url}. Ctrl-C ends it.`);
    const stopped = untilSignal().then(() => (scenario === undefined ? EXIT.done : EXIT.interrupted));
    const flags = [...set.flatMap((one) => ['--set', one]), ...(small ? ['--small'] : []), ...(json ? ['--json'] : [])];
    const submitted =
      scenario === undefined ? [] : [statusOf(begin(true, 'submit', scenario, '--owner', 'me', ...flags))];
    process.exitCode = await Promise.race([loss, stopped, ...submitted]);
  } finally {
    isEnding = true;
    await Promise.all(children.map(end));
    await broker.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

const statusOf = (child: ChildProcess): Promise<number> =>
  new Promise((done) => child.once('exit', (status) => done(status ?? EXIT.failed)));

async function end(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const ended = new Promise((done) => child.once('exit', done));
  child.kill('SIGTERM');
  const timer = setTimeout(() => child.kill('SIGKILL'), PATIENCE);
  await ended;
  clearTimeout(timer);
}
