import { type ChildProcess, execFile, spawn } from 'node:child_process';
import { cpSync, mkdtempSync, readdirSync, readFileSync, rmSync, symlinkSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { dirname, join, relative } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { type Broker, startBroker } from '../../workers/transport/broker.ts';

export const PROGRAM = fileURLToPath(new URL('../../dist/workers/cli/main.js', import.meta.url));

interface Event {
  readonly event: string;
  readonly at: number;
  readonly [fact: string]: unknown;
}

/** A process of the program, and what it has said. */
export interface Told {
  readonly child: ChildProcess;
  readonly events: Event[];
  readonly complaints: string[];
  /** When each of them was heard. */
  readonly complainedAt: number[];
}

/** A cluster of real processes on a real broker, on the loopback alone. */
export class ProcessCluster {
  readonly processes = new Map<string, Told>();
  broker: Broker;
  /** Of the keys, where the broker wants to know who speaks. */
  readonly keys: string | undefined;
  readonly directory: string;

  private constructor(directory: string, broker: Broker, keys?: string) {
    this.directory = directory;
    this.broker = broker;
    this.keys = keys;
  }

  static async start(): Promise<ProcessCluster> {
    const directory = mkdtempSync(join(tmpdir(), 'terrella-processes-'));
    return new ProcessCluster(directory, await startBroker({ directory }));
  }

  /** Its broker may store so little until it is restarted [bytes]. */
  static async startWithin(room: number): Promise<ProcessCluster> {
    const directory = mkdtempSync(join(tmpdir(), 'terrella-narrow-'));
    const configFile = join(directory, 'narrow.conf');
    const store = join(directory, 'jetstream');
    writeFileSync(configFile, `max_payload: 8388608\njetstream { store_dir: "${store}", max_file_store: ${room} }\n`);
    return new ProcessCluster(directory, await startBroker({ directory, configFile }));
  }

  /** With TLS, credentials and permissions, as `terrella cluster init` makes them. */
  static async startSecured(nodes: readonly string[], scientists: readonly string[]): Promise<ProcessCluster> {
    const directory = mkdtempSync(join(tmpdir(), 'terrella-secured-'));
    const keys = join(directory, 'keys');
    const words = [
      'cluster',
      'init',
      keys,
      ...nodes.flatMap((node) => ['--nodes', node]),
      '--scientists',
      scientists.join(),
    ];
    await promisify(execFile)(process.execPath, [PROGRAM, ...words]);
    const configFile = join(keys, 'broker', 'nats-server.conf');
    return new ProcessCluster(directory, await startBroker({ directory, configFile }), keys);
  }

  get url(): string {
    return this.keys === undefined ? this.broker.url : `tls://127.0.0.1:${this.broker.port}`;
  }

  credentialsOf(user: string): string {
    return join(this.keys!, 'creds', `${user}.creds`);
  }

  get authority(): string {
    return join(this.keys!, 'ca.pem');
  }

  /** A process that speaks as a user of the keys. */
  beginAs(user: string, name: string, ...words: readonly string[]): Told {
    return this.begin(name, ...words, '--creds', this.credentialsOf(user), '--ca', this.authority);
  }

  begin(name: string, ...words: readonly string[]): Told {
    return this.beginWith(PROGRAM, name, ...words);
  }

  beginWith(program: string, name: string, ...words: readonly string[]): Told {
    const child = spawn(process.execPath, [program, ...words, '--json', '--nats', this.url], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const told: Told = { child, events: [], complaints: [], complainedAt: [] };
    createInterface({ input: child.stdout! }).on('line', (line) =>
      told.events.push({ ...(JSON.parse(line) as { event: string }), at: performance.now() }),
    );
    createInterface({ input: child.stderr! }).on('line', (line) => {
      told.complaints.push(line);
      told.complainedAt.push(performance.now());
    });
    this.processes.set(name, told);
    return told;
  }

  coordinator(name: string, ...words: readonly string[]): Told {
    return this.begin(name, 'coordinator', '--name', name, ...words);
  }

  node(name: string, threads = 1): Told {
    return this.begin(name, 'node', '--name', name, '--threads', String(threads));
  }

  /** What a command that ends by itself has said. */
  async said(...words: readonly string[]): Promise<readonly Event[]> {
    const { child, events } = this.begin(words.join(' '), ...words);
    await new Promise((done) => child.once('close', done));
    return events;
  }

  submit(...words: readonly string[]): Told {
    return this.begin('client', 'submit', ...words);
  }

  signal(name: string, signal: NodeJS.Signals): void {
    this.processes.get(name)!.child.kill(signal);
  }

  /** Kills the broker like a power cut, and starts it again on its port and its files, or on an empty disk. */
  async restartBroker(after: number, disk: 'kept' | 'lost' = 'kept'): Promise<void> {
    const { port } = this.broker;
    await this.broker.kill();
    if (disk === 'lost') rmSync(join(this.directory, 'jetstream'), { recursive: true });
    await new Promise((done) => setTimeout(done, after));
    this.broker = await startBroker({ directory: this.directory, port });
  }

  /** Waits until something is so; throws with all that was said. */
  async until<T>(what: string, found: () => T | undefined, patience = 60_000): Promise<T> {
    const end = performance.now() + patience;
    for (;;) {
      const result = found();
      if (result !== undefined) return result;
      if (performance.now() > end) throw new Error(`${what} did not happen within ${patience} ms.\n${this.story()}`);
      await new Promise((done) => setTimeout(done, 20));
    }
  }

  /** When a process first said something on standard error, if it has. */
  complaintOf(name: string, what: RegExp): number | undefined {
    const { complaints, complainedAt } = this.processes.get(name)!;
    return complainedAt[complaints.findIndex((line) => what.test(line))];
  }

  /** The newest record that any coordinator has told of. */
  record(): Event | undefined {
    return [...this.processes.values()]
      .flatMap(({ events }) => events.filter(({ event }) => event === 'record'))
      .sort((a, b) => a.at - b.at)
      .at(-1);
  }

  /** The state hash that the client is given in the end. */
  async finished(patience?: number): Promise<Event> {
    return this.until(
      'the end of the run',
      () => {
        const { events, child, complaints } = this.processes.get('client')!;
        if (child.exitCode !== null && child.exitCode !== 0)
          throw new Error(`${complaints.join('\n')}\n${this.story()}`);
        return events.find(({ event }) => event === 'finished');
      },
      patience,
    );
  }

  private story(): string {
    return [...this.processes]
      .map(([name, { events, complaints }]) =>
        [`${name}:`, ...events.slice(-12).map((event) => JSON.stringify(event)), ...complaints].join('\n  '),
      )
      .join('\n');
  }

  async close(): Promise<void> {
    await Promise.all(
      [...this.processes.values()].map(({ child }) => {
        if (child.exitCode !== null || child.signalCode !== null) return undefined;
        const ended = new Promise((done) => child.once('exit', done));
        child.kill('SIGKILL');
        return ended;
      }),
    );
    await this.broker.stop();
    rmSync(this.directory, { recursive: true, force: true });
  }
}

/** The program with a kernel that averages otherwise: the bed of a face is not the mean of both sides. Gives its path. */
export function anotherEngine(directory: string): string {
  const root = dirname(dirname(dirname(dirname(PROGRAM))));
  const copy = join(directory, 'another-engine');
  for (const part of ['engine', 'workers', 'scenarios'])
    cpSync(join(root, 'dist', part), join(copy, 'dist', part), { recursive: true });
  for (const shared of ['node_modules', 'scenarios', 'package.json'])
    symlinkSync(join(root, shared), join(copy, shared));
  const kernel = join(copy, 'dist/engine/kernels/shallow-flux.js');
  const before = readFileSync(kernel, 'utf8');
  const after = before.replace('0.5 * (left.bed + right.bed)', '0.25 * (left.bed + right.bed)');
  if (after === before) throw new Error(`${kernel} has no mean of two beds that could be changed`);
  writeFileSync(kernel, after);
  return join(copy, 'dist/workers/cli/main.js');
}

/** Files below a directory, by their paths in it. */
export const treeOf = (directory: string): string[] =>
  readdirSync(directory, { recursive: true, withFileTypes: true })
    .filter((entry) => entry.isFile())
    .map((entry) => relative(directory, join(entry.parentPath, entry.name)))
    .sort();

/** Runs the program to its end, and gives the state hash of its run. */
export async function hashAlone(...words: readonly string[]): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'terrella-alone-'));
  try {
    // Writing its fields would take most of the time, and the hash is not of them.
    const bare = ['--set', 'output.format=none', '--set', 'output.fields=[]'];
    const output = ['--json', '--output', join(directory, 'run')];
    const child = spawn(process.execPath, [PROGRAM, 'run', ...words, ...bare, ...output], {
      stdio: ['ignore', 'pipe', 'ignore'],
    });
    for await (const line of createInterface({ input: child.stdout! })) {
      const event = JSON.parse(line) as { event: string; stateHash?: string };
      if (event.event === 'finished') return event.stateHash!;
    }
    throw new Error(`terrella run ${words.join(' ')} did not finish`);
  } finally {
    rmSync(directory, { recursive: true, force: true });
  }
}
