import { type ChildProcess, spawn } from 'node:child_process';
import { accessSync, constants } from 'node:fs';
import { mkdir, readFile, rm, writeFile } from 'node:fs/promises';
import { connect } from 'node:net';
import { delimiter, dirname, join, resolve } from 'node:path';
import { setTimeout as delay } from 'node:timers/promises';
import { TransportError } from './errors.ts';
import { LARGEST_MESSAGE } from './transport.ts';

export interface BrokerOptions {
  /** Where its configuration, its log and what it stores lie. The same directory gives the same ledgers and stores again. */
  readonly directory: string;
  /** 0: one that is free. */
  readonly port?: number;
  /** Ledgers and stores, on unless told otherwise. */
  readonly jetStream?: boolean;
  /** More lines of its configuration: accounts, TLS, a cluster. */
  readonly config?: string;
  /** A configuration of one's own instead of all that; its paths are those within its directory. */
  readonly configFile?: string;
}

export interface Broker {
  readonly url: string;
  readonly port: number;
  readonly pid: number;
  /** Resolves when it has ended, for whatever reason. */
  readonly ended: Promise<void>;
  /** Lets it finish what it writes. */
  stop(): Promise<void>;
  /** Ends it like a power cut. */
  kill(): Promise<void>;
}

const START_PATIENCE = 10_000;
const STOP_PATIENCE = 5000;

/**
 * Starts the server in the background, says its process id, and ends it when this process has ended, of whatever: then
 * the pipe on the shell's standard input closes.
 */
const KEEPER = `
exec 3<&0
log=$1
shift
"$@" </dev/null >>"$log" 2>&1 3<&- &
server=$!
echo $server
(cat <&3; kill $server) >/dev/null 2>&1 &
watch=$!
exec 3<&- >/dev/null
wait $server
status=$?
kill $watch 2>/dev/null
exit $status
`;

/** The program of the NATS server, or undefined. Debian puts it where only root's PATH leads. */
export function natsServerProgram(): string | undefined {
  const directories = [...(process.env.PATH ?? '').split(delimiter), '/usr/local/sbin', '/usr/sbin'];
  return directories
    .filter((directory) => directory !== '')
    .map((directory) => join(directory, 'nats-server'))
    .find((program) => {
      try {
        accessSync(program, constants.X_OK);
        return true;
      } catch {
        return false;
      }
    });
}

/**
 * Starts a NATS server on loopback and waits until it answers. It ends with this process at the latest, and does not
 * keep it from ending. Throws BrokerMissing, BrokerFailed.
 */
export async function startBroker({
  port = 0,
  jetStream = true,
  config = '',
  configFile,
  ...rest
}: BrokerOptions): Promise<Broker> {
  const program = natsServerProgram();
  if (program === undefined) {
    throw new TransportError(
      'BrokerMissing',
      'there is no nats-server on this machine. Install it with: apt-get install nats-server (or from nats.io), or name a server that runs elsewhere.',
    );
  }
  const directory = resolve(rest.directory);
  const ports = join(directory, 'ports');
  const log = join(directory, 'nats-server.log');
  const file = configFile === undefined ? join(directory, 'nats-server.conf') : resolve(configFile);
  await rm(ports, { recursive: true, force: true });
  await mkdir(ports, { recursive: true });
  if (configFile === undefined)
    await writeFile(file, configuration({ directory, ports, port, jetStream, config }), { mode: 0o600 });
  await writeFile(log, '');

  const words = ['--config', file];
  // What is said here counts, whatever the file says.
  if (configFile !== undefined)
    words.push('--addr', '127.0.0.1', '--port', `${port === 0 ? -1 : port}`, '--ports_file_dir', ports);
  const keeper = spawn('/bin/sh', ['-c', KEEPER, 'sh', log, program, ...words], {
    cwd: dirname(file),
    stdio: ['pipe', 'pipe', 'ignore'],
    // A group of its own: Ctrl-C is for this process, which may need the server once more before it ends.
    detached: true,
  });
  const ended = new Promise<void>((settle) => keeper.once('close', () => settle()));
  let over = false;
  void ended.then(() => {
    over = true;
  });
  const pid = await processId(keeper);
  const signal = (name: NodeJS.Signals) => {
    try {
      if (!over) process.kill(pid, name);
    } catch {
      // It has ended by itself.
    }
  };
  const kill = async () => {
    signal('SIGKILL');
    await ended;
  };
  const stop = async () => {
    signal('SIGTERM');
    const patience = new AbortController();
    await Promise.race([ended, delay(STOP_PATIENCE, undefined, { signal: patience.signal }).catch(() => {})]);
    patience.abort();
    await kill();
  };

  const deadline = Date.now() + START_PATIENCE;
  for (;;) {
    const actual = await listeningPort(join(ports, `nats-server_${pid}.ports`));
    if (actual !== undefined && (await answers(actual))) {
      keeper.unref();
      for (const pipe of [keeper.stdin, keeper.stdout]) (pipe as unknown as { unref?(): void }).unref?.();
      return { url: `nats://127.0.0.1:${actual}`, port: actual, pid, ended, stop, kill };
    }
    if (over || Date.now() > deadline) break;
    await delay(20);
  }
  await kill();
  const lastLines = (await readFile(log, 'utf8')).trim().split('\n').slice(-3).join(' | ');
  throw new TransportError(
    'BrokerFailed',
    `nats-server did not start on port ${port} (${lastLines || 'it said nothing'}). Choose another port, or port 0 for one that is free, and check ${file}; its log is beside it.`,
  );
}

const quoted = (text: string): string => JSON.stringify(text);

function configuration(settings: {
  readonly directory: string;
  readonly ports: string;
  readonly port: number;
  readonly jetStream: boolean;
  readonly config: string;
}): string {
  const { directory, ports, port, jetStream, config } = settings;
  return [
    `listen: "127.0.0.1:${port === 0 ? -1 : port}"`,
    `server_name: ${quoted(`terrella-${process.pid}`)}`,
    `ports_file_dir: ${quoted(ports)}`,
    `max_payload: ${LARGEST_MESSAGE}`,
    '# A reader that takes nothing for so long is cut off; a node that pauses for collection or a swap is not.',
    'write_deadline: "10s"',
    '# A machine that has lost its power is noticed within half a minute.',
    'ping_interval: "10s"',
    'ping_max: 2',
    ...(jetStream
      ? [`jetstream: { store_dir: ${quoted(join(directory, 'jetstream'))}, max_memory_store: ${64 * 1024 * 1024} }`]
      : []),
    config,
    '',
  ].join('\n');
}

/** What the keeper says first. Rejects with BrokerFailed. */
function processId(keeper: ChildProcess): Promise<number> {
  return new Promise((settle, reject) => {
    const failed = (cause?: unknown) =>
      reject(new TransportError('BrokerFailed', 'could not start /bin/sh. See ulimit -u and the memory left.', cause));
    keeper.once('error', failed);
    keeper.once('exit', () => failed());
    keeper.stdout?.once('data', (text: Buffer) => settle(Number(text.toString())));
  });
}

/** The port that the server has written down, if it has. */
async function listeningPort(file: string): Promise<number | undefined> {
  try {
    const { nats } = JSON.parse(await readFile(file, 'utf8')) as { nats?: readonly string[] };
    return nats?.[0] === undefined ? undefined : Number(new URL(nats[0]).port);
  } catch {
    return undefined;
  }
}

/** Whether a NATS server greets there. */
function answers(port: number): Promise<boolean> {
  return new Promise((settle) => {
    const socket = connect(port, '127.0.0.1');
    const end = (greeted: boolean) => {
      socket.destroy();
      settle(greeted);
    };
    socket.setTimeout(1000, () => end(false));
    socket.once('error', () => end(false));
    socket.once('data', (bytes) => end(bytes.toString('latin1').startsWith('INFO ')));
  });
}
