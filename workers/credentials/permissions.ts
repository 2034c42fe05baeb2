import { LEDGER, type Role, SUBJECTS, TILES } from '../protocol/cluster-subjects.ts';
import { matches } from '../transport/subjects.ts';
import { LARGEST_MESSAGE } from '../transport/transport.ts';

/** Whoever has credentials: those who speak to the leader, those who lead, and who tells the server of revocations. */
export type UserRole = Role | 'coordinator' | 'system';

export const USER_ROLES: readonly UserRole[] = ['node', 'scientist', 'admin', 'coordinator', 'system'];

/** Where answers to a user come to; nobody else may listen there. */
export const inboxOf = (name: string): string => `_INBOX_${name}`;

/** How the server is told of an account anew, and asked what it knows of one. */
export const ACCOUNT_UPDATE = '$SYS.REQ.CLAIMS.UPDATE';
export const accountLookup = (account: string): string => `$SYS.REQ.ACCOUNT.${account}.CLAIMS.LOOKUP`;

/** Nanoseconds within which a coordinator answers; whoever asks waits two seconds at most. */
const TO_ANSWER = 30e9;

interface Permissions {
  readonly publish: readonly string[];
  readonly subscribe: readonly string[];
  /** Subscriptions of one connection; −1: as many as it likes. */
  readonly subscriptions: number;
  /** It may answer once whoever asks it, wherever the answer is to come. */
  readonly answers?: boolean;
}

/** All that a user may do. JetStream is the coordinators' alone: who makes consumers has stored messages sent to any subject. */
function permissionsOf(role: UserRole, name: string): Permissions {
  const inbox = `${inboxOf(name)}.>`;
  switch (role) {
    case 'node':
      return {
        publish: [
          SUBJECTS.heartbeat(name),
          SUBJECTS.halo(name, '*', '*'),
          SUBJECTS.ask(name, '*', '*'),
          SUBJECTS.toLeader('node', name),
        ],
        subscribe: [SUBJECTS.records, SUBJECTS.halosTo(name), SUBJECTS.asksTo(name), inbox],
        subscriptions: 16,
      };
    case 'scientist':
    case 'admin':
      return { publish: [SUBJECTS.toLeader(role, name)], subscribe: [inbox], subscriptions: 16 };
    case 'coordinator':
      return {
        publish: [SUBJECTS.records, '$JS.API.>', '$JS.FC.>', `$KV.${LEDGER}.>`, `$O.${TILES}.>`],
        subscribe: [SUBJECTS.heartbeats, SUBJECTS.allToLeader, inbox],
        subscriptions: -1,
        answers: true,
      };
    case 'system':
      return { publish: [ACCOUNT_UPDATE, accountLookup('*')], subscribe: [inbox], subscriptions: 16 };
  }
}

/** Whether a node of this name may send to a subject. */
export const maySay = (node: string, subject: string): boolean =>
  permissionsOf('node', node).publish.some((pattern) => matches(pattern, subject));

/** What a node of this name hears, beside answers to what it asks. */
export const mayHear = (node: string): readonly string[] =>
  permissionsOf('node', node).subscribe.filter((pattern) => !pattern.startsWith(inboxOf(node)));

const tagOf = (role: UserRole): string => `role:${role}`;

/** What a user's token says of it. */
export function userClaims(role: UserRole, name: string): Readonly<Record<string, unknown>> {
  const { publish, subscribe, subscriptions, answers } = permissionsOf(role, name);
  return {
    type: 'user',
    tags: [tagOf(role)],
    pub: { allow: publish },
    sub: { allow: subscribe },
    ...(answers ? { resp: { max: 1, ttl: TO_ANSWER } } : {}),
    subs: subscriptions,
    data: -1,
    payload: LARGEST_MESSAGE,
    allowed_connection_types: ['STANDARD'],
  };
}

/** The role that a user's token was made for; undefined for a token of another origin. */
export const roleOf = ({ tags }: Readonly<Record<string, unknown>>): UserRole | undefined =>
  USER_ROLES.find((role) => Array.isArray(tags) && tags.includes(tagOf(role)));
