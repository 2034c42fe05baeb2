import { describe, expect, test } from 'vitest';
import { mayAsk, refusalOf } from '../../../workers/coordinator/entitlement.ts';
import type { RunRecord } from '../../../workers/protocol/cluster.ts';
import type { LeaderRequest } from '../../../workers/protocol/cluster-messages.ts';
import { askerOf, ROLES, type Role, SUBJECTS } from '../../../workers/protocol/cluster-subjects.ts';

const member = { node: 'alice', incarnation: 1 };
const record = { run: 'r', owner: 'carol' } as RunRecord;
const recordOf = (run: string) => (run === 'r' ? record : undefined);
const work = { threads: 1, computeSeconds: 1, waitSeconds: 1, bytesSent: 1, bytesReceived: 1 };
const HASH = 'ab'.repeat(32);

describe('of each request it is said who may ask it', () => {
  test.each<[LeaderRequest, readonly Role[]]>([
    [{ type: 'hand-in', run: 'r', epoch: 1, member, step: 1, tiles: [], busy: [], work }, ['node']],
    [{ type: 'failed', of: 'run', run: 'r', epoch: 1, member, message: '' }, ['node']],
    [{ type: 'store', hash: HASH, bytes: new Uint8Array() }, ['node']],
    [{ type: 'fetch', hash: HASH }, ['node', 'scientist', 'admin']],
    [{ type: 'collected', run: 'r', step: 10 }, ['scientist', 'admin']],
    [{ type: 'records', runs: [] }, ['node', 'scientist', 'admin']],
    [{ type: 'submit', record }, ['scientist', 'admin']],
    [{ type: 'cancel', run: 'r' }, ['scientist', 'admin']],
    [{ type: 'drain', node: 'alice' }, ['admin']],
    [{ type: 'status' }, ['scientist', 'admin']],
  ])('$type', (request, roles) => {
    expect(ROLES.filter((role) => mayAsk(role, request))).toEqual(roles);
    for (const role of ROLES)
      expect(refusalOf(role, 'carol', request, recordOf) === undefined, role).toBe(roles.includes(role));
  });
});

describe('a scientist speaks of its own runs alone', () => {
  test.each<[LeaderRequest, RegExp]>([
    [{ type: 'submit', record }, /in the name of carol, and dave submits it/],
    [{ type: 'cancel', run: 'r' }, /r is a run of carol\. Ask carol or an admin to cancel/],
    [{ type: 'collected', run: 'r', step: 1 }, /r is a run of carol\. Ask carol or an admin to collect/],
  ])('$type', (request, message) => {
    expect(refusalOf('scientist', 'dave', request, recordOf)).toMatch(message);
    expect(refusalOf('scientist', 'carol', request, recordOf)).toBeUndefined();
    expect(refusalOf('admin', 'dave', request, recordOf)).toBeUndefined();
  });

  test('and of a run that is not there it is told just that', () => {
    expect(refusalOf('scientist', 'dave', { type: 'cancel', run: 'x' }, recordOf)).toBeUndefined();
  });
});

test('the subject says who asks, and in what role', () => {
  for (const role of ROLES) expect(askerOf(SUBJECTS.toLeader(role, 'alice'))).toEqual({ role, from: 'alice' });
  expect(askerOf('terrella.leader.king.alice').role).toBeUndefined();
});
