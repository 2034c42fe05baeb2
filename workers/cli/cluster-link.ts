import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { wallClock } from '../node/clock.ts';
import { type LeaderReply, type LeaderRequest, packCluster, readLeaderReply } from '../protocol/cluster-messages.ts';
import { SUBJECTS } from '../protocol/cluster-subjects.ts';
import { connectNats, type NatsLink } from '../transport/nats.ts';
import { CliError, errorTag } from './errors.ts';
import { say } from './terminal.ts';

/** How a command reaches the cluster's NATS server. */
export interface LinkOptions {
  readonly nats: string;
  readonly creds?: string;
  readonly nkey?: string;
  readonly ca?: string;
}

/** Ledger of run records and of the lease. */
export const LEDGER = 'terrella-runs';
/** Store of tiles' states. */
export const TILES = 'terrella-tiles';

const ANSWER = 2000;
const PAUSE = 200;

/** Connects as the options, or TERRELLA_NATS_CREDS and TERRELLA_NATS_NKEY, say. Throws what `connectNats` does. */
export async function linkTo(options: LinkOptions, name: string): Promise<NatsLink> {
  const creds = options.creds ?? process.env.TERRELLA_NATS_CREDS;
  const nkey = options.nkey ?? process.env.TERRELLA_NATS_NKEY;
  const credentials = creds
    ? { credsFile: creds }
    : nkey
      ? { nkeySeed: (await readFile(nkey, 'utf8')).trim() }
      : undefined;
  return connectNats({
    servers: options.nats,
    name,
    ...(credentials ? { credentials } : {}),
    ...(options.ca ? { tls: { caFile: options.ca } } : {}),
    warn: (message) => say(true, `warning: ${message}`),
  });
}

/** A name for this machine's processes: the host's, as far as subjects allow, and what tells two of them apart. */
export const nameOfProcess = (kind: string): string =>
  `${kind}-${hostname()
    .replace(/[^A-Za-z0-9_-]/g, '-')
    .slice(0, 40)}-${randomBytes(3).toString('hex')}`;

/** One question to the coordinator that leads, again and again for so long [ms]. Throws NoCoordinator, Refused. */
export async function askLeader(link: NatsLink, request: LeaderRequest, patience = ANSWER): Promise<LeaderReply> {
  const end = performance.now() + patience;
  let bytes: Uint8Array | undefined;
  while (!bytes) {
    try {
      bytes = await link.transport.request(SUBJECTS.toLeader('client'), packCluster(request), ANSWER);
    } catch (error) {
      if (!['NoAnswer', 'Disconnected'].includes(errorTag(error) ?? '')) throw error;
      if (performance.now() < end) await wallClock.wait(PAUSE);
      else throw noCoordinator();
    }
  }
  const reply = readLeaderReply(bytes);
  if (!reply)
    throw new CliError('BadAnswer', 'the coordinator’s answer was not understood. Use one version everywhere.');
  if (reply.type === 'refused') throw new CliError('Refused', reply.message);
  return reply;
}

const noCoordinator = (): CliError =>
  new CliError(
    'NoCoordinator',
    'nobody leads this cluster now. Start a coordinator with `terrella coordinator`, or wait for the next to take over.',
  );
