import type { RunRecord } from '../protocol/cluster.ts';
import type { LeaderRequest } from '../protocol/cluster-messages.ts';
import type { Role } from '../protocol/cluster-subjects.ts';

/** What each role may ask of the coordinator that leads. The broker sees to it that nobody asks in another's name. */
const ENTITLED: Readonly<Record<Role, readonly LeaderRequest['type'][]>> = {
  node: ['hand-in', 'failed', 'store', 'fetch', 'records'],
  scientist: ['submit', 'cancel', 'records', 'status', 'fetch', 'collected'],
  admin: ['submit', 'cancel', 'records', 'status', 'fetch', 'collected', 'drain'],
};

/** Whether such a request is one of the role's at all. */
export const mayAsk = (role: Role, { type }: LeaderRequest): boolean => ENTITLED[role].includes(type);

/** Why somebody may not have what they ask for; undefined where they may. */
export function refusalOf(
  role: Role,
  sender: string,
  request: LeaderRequest,
  recordOf: (run: string) => RunRecord | undefined,
): string | undefined {
  if (!mayAsk(role, request))
    return `${sender} is a ${role}, who may not ask for ${request.type}. Use the credentials of one who may.`;
  if (role === 'admin') return undefined;
  switch (request.type) {
    case 'submit':
      return request.record.owner === sender
        ? undefined
        : `the run is in the name of ${request.record.owner}, and ${sender} submits it. Submit runs in your own name.`;
    case 'cancel':
    case 'collected': {
      const owner = recordOf(request.run)?.owner;
      return owner === undefined || owner === sender
        ? undefined
        : `${request.run} is a run of ${owner}. Ask ${owner} or an admin to ${request.type === 'cancel' ? 'cancel' : 'collect'} it.`;
    }
    default:
      return undefined;
  }
}
