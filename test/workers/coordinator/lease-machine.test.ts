import { describe, expect, test } from 'vitest';
import {
  type LeaseCommand,
  type LeaseEvent,
  type LeaseState,
  leads,
  newLease,
  onLeaseEvent,
} from '../../../workers/coordinator/lease-machine.ts';
import { sequence } from '../../engine/grid/sequence.ts';

const TERM = 2000;

type Answer =
  | Omit<Extract<LeaseEvent, { type: 'found' }>, 'asked'>
  | { type: 'won'; revision: number }
  | { type: 'lost' | 'unknown' };

/** A lease, told what happens; gives the commands that come out. */
function story() {
  let state: LeaseState = newLease(TERM);
  const on = (event: LeaseEvent): readonly LeaseCommand[] => {
    const [next, commands] = onLeaseEvent(state, event);
    state = next;
    return commands;
  };
  return {
    at: (now: number) => on({ type: 'tick', now }),
    /** The answer to what was asked last, or then. */
    tell: (answer: Answer, asked = state.asked!) => on({ ...answer, asked }),
    leads: () => leads(state),
  };
}

/** One that leads since 0 ms. */
function leader() {
  const lease = story();
  lease.at(0);
  lease.tell({ type: 'found', revision: undefined });
  lease.tell({ type: 'won', revision: 1 });
  return lease;
}

describe('a lease', () => {
  test('that nobody has is created, and is held from when it was asked for', () => {
    const lease = story();
    expect(lease.at(100)).toEqual([{ type: 'look', asked: 100 }]);
    expect(lease.at(150)).toEqual([]);
    expect(lease.tell({ type: 'found', revision: undefined })).toEqual([{ type: 'create', asked: 150 }]);
    expect(lease.leads()).toBe(false);
    // The answer took 1 s: what is left of the term is that much less.
    expect(lease.at(1150)).toEqual([]);
    expect(lease.tell({ type: 'won', revision: 7 })).toEqual([]);
    expect(lease.leads()).toBe(true);
    lease.at(150 + 0.7 * TERM - 1);
    expect(lease.leads()).toBe(true);
    lease.at(150 + 0.7 * TERM);
    expect(lease.leads()).toBe(false);
  });

  test('is renewed every quarter of a term', () => {
    const lease = leader();
    expect(lease.at(499)).toEqual([]);
    expect(lease.at(500)).toEqual([{ type: 'update', revision: 1, asked: 500 }]);
    expect(lease.at(550)).toEqual([]);
    lease.tell({ type: 'won', revision: 2 });
    expect(lease.at(999)).toEqual([]);
    expect(lease.at(1000)).toEqual([{ type: 'update', revision: 2, asked: 1000 }]);
  });

  test('that cannot be renewed is given up before its term ends, and looked at', () => {
    const lease = leader();
    lease.at(500);
    lease.tell({ type: 'unknown' });
    expect(lease.at(550)).toEqual([{ type: 'update', revision: 1, asked: 550 }]);
    lease.tell({ type: 'unknown' });
    expect(lease.leads()).toBe(true);
    expect(lease.at(1400)).toEqual([{ type: 'look', asked: 1400 }]);
    expect(lease.leads()).toBe(false);
  });

  test('that somebody else has taken is lost at once', () => {
    const lease = leader();
    lease.at(500);
    lease.tell({ type: 'lost' });
    expect(lease.leads()).toBe(false);
    expect(lease.at(550)).toEqual([{ type: 'look', asked: 550 }]);
  });

  test('of another is taken over once it has not changed for a whole term, and not before', () => {
    const lease = story();
    const look = (now: number, revision: number) => {
      expect(lease.at(now)).toEqual([{ type: 'look', asked: now }]);
      return lease.tell({ type: 'found', revision });
    };
    expect(look(0, 5)).toEqual([]);
    expect(look(TERM, 5)).toEqual([]);
    // A sign of life: the term begins anew.
    expect(look(TERM + 50, 6)).toEqual([]);
    expect(look(2 * TERM + 50, 6)).toEqual([]);
    expect(look(2 * TERM + 100, 6)).toEqual([{ type: 'update', revision: 6, asked: 2 * TERM + 100 }]);
    expect(lease.leads()).toBe(false);
    lease.tell({ type: 'won', revision: 7 });
    expect(lease.leads()).toBe(true);
  });

  test('whose answer never comes is asked for again after a term', () => {
    const lease = story();
    expect(lease.at(0)).toEqual([{ type: 'look', asked: 0 }]);
    expect(lease.at(TERM - 1)).toEqual([]);
    expect(lease.at(TERM)).toEqual([{ type: 'look', asked: TERM }]);
  });

  test('that was won long ago and is heard of late, after a freeze, is over when it would have been anyhow', () => {
    const lease = leader();
    lease.at(500);
    // Frozen; the clock is heard before the answers that wait.
    expect(lease.at(6000)).toEqual([{ type: 'look', asked: 6000 }]);
    expect(lease.tell({ type: 'won', revision: 2 }, 500)).toEqual([]);
    expect(lease.leads()).toBe(false);
    lease.tell({ type: 'found', revision: 9 });
    expect(lease.leads()).toBe(false);
  });

  test('is not shortened by news of an earlier renewal, nor lost by that of an earlier question', () => {
    const lease = leader();
    lease.at(500);
    lease.tell({ type: 'won', revision: 2 });
    for (const answer of [{ type: 'won', revision: 1 }, { type: 'lost' }, { type: 'unknown' }] as const)
      lease.tell(answer, 0);
    lease.at(500 + 0.7 * TERM - 1);
    expect(lease.leads()).toBe(true);
  });
});

describe('two coordinators never both lead', () => {
  const SPAN = 60_000;

  /** Coordinators over one ledger entry, with late, lost and reordered answers, freezes, and clocks of these rates. */
  function trial(seed: number, rates: readonly number[]) {
    const random = sequence(seed);
    let entry: number | undefined;
    let revisions = 0;
    const due: { at: number; act: () => void }[] = [];
    const parties = rates.map((rate) => ({
      rate,
      start: 1e6 * random(),
      state: newLease(TERM),
      frozenUntil: 0,
      led: 0,
    }));
    let [now, bothLed, changes, last] = [0, 0, 0, -1];
    type Party = (typeof parties)[number];
    // A frozen process believes what its clock said last, but acts on nothing; it hears once it is awake.
    const clockOf = ({ rate, start }: Party) => start + rate * now;
    const soon = (most: number, act: () => void) => due.push({ at: now + most * random(), act });
    const tell = (party: Party, event: LeaseEvent): void => {
      if (now < party.frozenUntil) {
        due.push({ at: party.frozenUntil, act: () => tell(party, event) });
        return;
      }
      const [state, commands] = onLeaseEvent(party.state, event);
      party.state = state;
      for (const command of commands) soon(200, () => ask(party, command));
    };
    /** The ledger does what is asked, or never hears of it; the answer comes, or does not. */
    const ask = (party: Party, command: LeaseCommand): void => {
      const { asked } = command;
      if (random() < 0.1) return void soon(3000, () => tell(party, { type: 'unknown', asked }));
      const found = entry;
      const done =
        command.type === 'create' ? found === undefined : command.type === 'update' && found === command.revision;
      if (done) entry = ++revisions;
      const answer: LeaseEvent =
        command.type === 'look'
          ? { type: 'found', asked, revision: found }
          : done
            ? { type: 'won', asked, revision: revisions }
            : { type: 'lost', asked };
      if (random() < 0.01) return;
      soon(random() < 0.1 ? 1900 : 100, () => tell(party, random() < 0.1 ? { type: 'unknown', asked } : answer));
    };
    for (; now < SPAN; now += 10) {
      for (let k = 0; k < due.length; )
        if (due[k]!.at <= now) due.splice(k, 1)[0]!.act();
        else k++;
      const leading: number[] = [];
      for (const [k, party] of parties.entries()) {
        if (random() < 2e-4) party.frozenUntil = now + 6000 * random();
        if (now % 50 === 0 && now >= party.frozenUntil) tell(party, { type: 'tick', now: clockOf(party) });
        // Whether it could act at this very moment, by its own clock.
        if (now >= party.frozenUntil && leads({ ...party.state, now: clockOf(party) })) {
          leading.push(k);
          party.led++;
        }
      }
      if (leading.length > 1) bothLed++;
      if (leading.length === 1 && leading[0] !== last) {
        changes++;
        last = leading[0]!;
      }
    }
    return { bothLed, changes, led: parties.reduce((sum, { led }) => sum + led, 0) / (SPAN / 10) };
  }

  test.each([
    ['equally fast', [1, 1]],
    ['one a tenth slow', [0.9, 1]],
    ['one a tenth slow, one a tenth fast', [0.9, 1.1]],
    ['three of them', [0.85, 1, 1.15]],
  ])('with clocks: %s', (_, rates) => {
    let changes = 0;
    let led = 0;
    const trials = 40;
    for (let seed = 1; seed <= trials; seed++) {
      const end = trial(seed, rates);
      expect(end.bothLed, `seed ${seed}`).toBe(0);
      changes += end.changes;
      led += end.led;
    }
    // Nobody leading, or always the same one, proves nothing.
    expect(changes).toBeGreaterThan(3 * trials);
    expect(led / trials).toBeGreaterThan(0.4);
  });
});
