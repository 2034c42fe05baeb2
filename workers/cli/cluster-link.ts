import { randomBytes } from 'node:crypto';
import { readFile } from 'node:fs/promises';
import { hostname } from 'node:os';
import { inboxOf, type UserRole } from '../credentials/permissions.ts';
import { wallClock } from '../node/clock.ts';
import { type LeaderReply, type LeaderRequest, packCluster, readLeaderReply } from '../protocol/cluster-messages.ts';
import { type Role, SUBJECTS } from '../protocol/cluster-subjects.ts';
import type { NatsLink } from '../transport/nats.ts';
import { CliError, EXIT, errorTag } from './errors.ts';
import { say } from './terminal.ts';

/** How a command reaches the cluster's NATS server. */
export interface LinkOptions {
  readonly nats: string;
  readonly creds?: string;
  readonly nkey?: string;
  readonly ca?: string;
}

/** A cluster that was just started needs so long, or less [ms]. */
export const UNTIL_ONE_LEADS = 10_000;
/** As long as it may take until another leads, and more [ms]. */
export const BETWEEN_LEADERS = 60_000;

const ANSWER = 2000;
const PAUSE = 200;

/** Who a command speaks as. */
export interface Speaker<R extends UserRole = UserRole> {
  readonly role: R;
  /** Of the user, where the credentials name one. */
  readonly user?: string;
}

const credsOf = (options: LinkOptions): string | undefined => options.creds ?? process.env.TERRELLA_NATS_CREDS;

/**
 * Who the credentials say that this is; with others, or none, the first of the roles that may do it, which a broker
 * without permissions believes. Throws WrongRole.
 */
export async function speakerOf<R extends UserRole>(
  options: LinkOptions,
  roles: readonly [R, ...R[]],
): Promise<Speaker<R>> {
  const creds = credsOf(options);
  // NATS' client and its keys are loaded when somebody speaks to a broker: most runs never do.
  const user =
    creds === undefined ? undefined : await (await import('../credentials/credentials-file.ts')).userOfFile(creds);
  if (!user) return { role: roles[0] };
  const role = roles.find((one) => one === user.role);
  if (role) return { role, user: user.name };
  throw new CliError(
    'WrongRole',
    `${creds} is of ${user.name}, a ${user.role}, and this takes a ${roles.join(' or a ')}. Name the credentials of one with --creds.`,
    EXIT.usage,
  );
}

/** Connects as the options, or TERRELLA_NATS_CREDS and TERRELLA_NATS_NKEY, say. Throws what `connectNats` does. */
export async function linkTo(options: LinkOptions, name: string, { user }: Speaker): Promise<NatsLink> {
  const creds = credsOf(options);
  const nkey = options.nkey ?? process.env.TERRELLA_NATS_NKEY;
  const credentials = creds
    ? { credsFile: creds }
    : nkey
      ? { nkeySeed: (await readFile(nkey, 'utf8')).trim() }
      : undefined;
  const { connectNats } = await import('../transport/nats.ts');
  return connectNats({
    servers: options.nats,
    name,
    ...(credentials ? { credentials } : {}),
    ...(user === undefined ? {} : { inboxPrefix: inboxOf(user) }),
    ...(options.ca ? { tls: { caFile: options.ca } } : {}),
    warn: (message) => say(true, `warning: ${message}`),
  });
}

/** A name for this machine's processes: the host's, as far as subjects allow, and what tells two of them apart. */
export const nameOfProcess = (kind: string): string =>
  `${kind}-${hostname()
    .replace(/[^A-Za-z0-9_-]/g, '-')
    .slice(0, 40)}-${randomBytes(3).toString('hex')}`;

/** A connection to the leader of somebody who asks for something. */
export interface LeaderLink {
  readonly speaker: Speaker<Role>;
  /** One question, again and again for so long [ms]. Throws NoCoordinator, Refused. */
  ask(request: LeaderRequest, patience?: number): Promise<LeaderReply>;
  close(): Promise<void>;
}

/** Connects to ask the leader something that only these roles may. Throws WrongRole, what `connectNats` does. */
export async function linkToLeader(options: LinkOptions, roles: readonly [Role, ...Role[]]): Promise<LeaderLink> {
  const speaker = await speakerOf(options, roles);
  const link = await linkTo(options, nameOfProcess('client'), speaker);
  const subject = SUBJECTS.toLeader(speaker.role, speaker.user ?? 'client');
  return {
    speaker,
    ask: (request, patience) => askLeader(link, subject, request, patience),
    close: () => link.close(),
  };
}

async function askLeader(
  link: NatsLink,
  subject: string,
  request: LeaderRequest,
  patience = ANSWER,
): Promise<LeaderReply> {
  const end = performance.now() + patience;
  let bytes: Uint8Array | undefined;
  while (!bytes) {
    try {
      bytes = await link.transport.request(subject, packCluster(request), ANSWER);
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
