import { type ChildProcess, spawn } from 'node:child_process';
import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { fileURLToPath } from 'node:url';
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
}

/** A cluster of real processes on a real broker, on the loopback alone. */
export class ProcessCluster {
  readonly processes = new Map<string, Told>();
  broker: Broker;
  private readonly directory: string;

  private constructor(directory: string, broker: Broker) {
    this.directory = directory;
    this.broker = broker;
  }

  static async start(): Promise<ProcessCluster> {
    const directory = mkdtempSync(join(tmpdir(), 'terrella-processes-'));
    return new ProcessCluster(directory, await startBroker({ directory }));
  }

  begin(name: string, ...words: readonly string[]): Told {
    const child = spawn(process.execPath, [PROGRAM, ...words, '--json', '--nats', this.broker.url], {
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    const told: Told = { child, events: [], complaints: [] };
    createInterface({ input: child.stdout! }).on('line', (line) =>
      told.events.push({ ...(JSON.parse(line) as { event: string }), at: performance.now() }),
    );
    createInterface({ input: child.stderr! }).on('line', (line) => told.complaints.push(line));
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

  /** Kills the broker like a power cut, and starts it again on its port and its files. */
  async restartBroker(after: number): Promise<void> {
    const { port } = this.broker;
    await this.broker.kill();
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

/** Runs the program to its end, and gives the state hash of its run. */
export async function hashAlone(...words: readonly string[]): Promise<string> {
  const directory = mkdtempSync(join(tmpdir(), 'terrella-alone-'));
  try {
    const child = spawn(process.execPath, [PROGRAM, 'run', ...words, '--json', '--output', join(directory, 'run')], {
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
