import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { packageRoot } from '../workers/store/provenance.ts';
import { startBroker } from '../workers/transport/broker.ts';

const PROGRAM = join(packageRoot(), 'dist/workers/cli/main.js');
const NODES: Readonly<Record<string, string>> = {
  frankfurt: '8.7,50.1',
  'san-francisco': '-122.4,37.8',
  sydney: '151.2,-33.9',
  nairobi: '36.8,-1.3',
};
const VICTIM = 'sydney';
/** Share of the run after which it is killed. */
const WHEN = 0.25;
const USUAL = ['tohoku-2011', '--set', 'grid.cells=270', '--set', 'grid.tile=45', '--set', 'time.duration=10 h'];

const isForScripts = process.argv.includes('--json');
const words = process.argv.slice(2).filter((word) => word !== '--json');
const scenario = words.length > 0 ? words : USUAL;

const tell = (event: string, line: string, more: object = {}): void =>
  console.log(isForScripts ? JSON.stringify({ event, ...more }) : line);

interface Event {
  readonly event: string;
  readonly url?: string;
  readonly step?: number;
  readonly steps?: number;
  readonly stateHash?: string;
  readonly nodes?: number;
}

/**
 * A broker, a coordinator and four nodes on this machine compute a run that a page shows, with the map of who computes what. One
 * node is killed on the way. In the end one process computes the run again, and the hashes are compared.
 */
async function show(): Promise<number> {
  const directory = await mkdtemp(join(tmpdir(), 'terrella-demo-'));
  const broker = await startBroker({ directory });
  const children = new Map<string, ChildProcess>();
  const begin = (name: string, ...some: readonly string[]): ChildProcess => {
    const child = spawn(process.execPath, [PROGRAM, ...some, '--nats', broker.url, '--json'], {
      stdio: ['ignore', 'pipe', name === 'start' && !isForScripts ? 'inherit' : 'ignore'],
      // Ctrl-C is for this process, which ends the others.
      detached: true,
    });
    children.set(name, child);
    return child;
  };
  try {
    begin('coordinator', 'coordinator');
    for (const [name, place] of Object.entries(NODES))
      begin(name, 'node', '--name', name, '--threads', '1', `--place=${place}`);
    const output = join(directory, 'run');
    const start = begin('start', 'start', ...scenario, '--output', output, '--port', '0', '--serve');
    process.once('SIGINT', () => start.kill('SIGINT'));
    let stateHash: string | undefined;
    for await (const line of createInterface({ input: start.stdout! })) {
      const event = JSON.parse(line) as Event;
      if (event.event === 'serving')
        tell('serving', `\n  Look at it: ${event.url}\n  (the tiles’ owners: “Operations”)\n`, { url: event.url });
      const victim = children.get(VICTIM)!;
      if (
        event.event === 'progress' &&
        event.step! > WHEN * event.steps! &&
        victim.exitCode === null &&
        !victim.killed
      ) {
        victim.kill('SIGKILL');
        tell('killed', `${VICTIM} is killed at step ${event.step} of ${event.steps}: others take its tiles`);
      }
      if (event.event === 'finished') {
        ({ stateHash } = event);
        break;
      }
    }
    if (stateHash === undefined) {
      tell('failed', 'the run on the cluster has not finished: see what it says above');
      return 1;
    }
    tell('finished', `the cluster has finished: state hash ${stateHash}`, { stateHash });
    const alone = join(directory, 'alone');
    // What the scenario expects of it is not the question here.
    await promisify(execFile)(process.execPath, [PROGRAM, 'run', ...scenario, '--output', alone]).catch(() => {});
    const result = JSON.parse(await readFile(join(alone, 'result.json'), 'utf8')) as { stateHash: string };
    const isEqual = result.stateHash === stateHash;
    tell('compared', `one process finds      state hash ${result.stateHash}: ${isEqual ? 'equal' : 'DIFFERENT'}`, {
      stateHash: result.stateHash,
      isEqual,
    });
    if (process.stdout.isTTY && start.exitCode === null) {
      console.log('The page stays until Ctrl-C.');
      await new Promise((done) => start.once('exit', done));
    }
    return isEqual ? 0 : 1;
  } finally {
    for (const child of children.values()) child.kill('SIGKILL');
    await broker.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

process.exitCode = await show();
