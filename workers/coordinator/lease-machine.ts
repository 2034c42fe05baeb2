/**
 * Who leads, as a pure machine over one ledger entry: create it, then update it again and again. A follower takes over an
 * entry that has not changed for a whole term of its own clock; a leader stops acting before that, by its own clock too, so
 * clocks need not agree, only run about equally fast.
 */

/** Share of a term for which a leader that cannot renew goes on. */
const SAFE = 0.7;
const RENEW = 0.25;

export interface LeaseState {
  readonly term: number;
  readonly now: number;
  readonly held: { readonly revision: number; readonly renewed: number } | undefined;
  /** The entry as it was last seen, and since when it has been so. */
  readonly seen: { readonly revision: number; readonly since: number } | undefined;
  /** When the answer that is due was asked for. */
  readonly asked: number | undefined;
}

/** An answer says when it was asked for: it may come after later questions. */
export type LeaseAnswer = { readonly asked: number } & (
  | { readonly type: 'found'; readonly revision: number | undefined }
  | { readonly type: 'won'; readonly revision: number }
  | { readonly type: 'lost' }
  /** The ledger gave no answer. */
  | { readonly type: 'unknown' }
);

export type LeaseEvent = { readonly type: 'tick'; readonly now: number } | LeaseAnswer;

export type LeaseCommand = { readonly asked: number } & (
  | { readonly type: 'look' }
  | { readonly type: 'create' }
  | { readonly type: 'update'; readonly revision: number }
);

/** A term in milliseconds. */
export const newLease = (term: number): LeaseState => ({
  term,
  now: 0,
  held: undefined,
  seen: undefined,
  asked: undefined,
});

export const leads = ({ held, now, term }: LeaseState): boolean =>
  held !== undefined && now - held.renewed < SAFE * term;

type Step = readonly [LeaseState, readonly LeaseCommand[]];

export function onLeaseEvent(state: LeaseState, event: LeaseEvent): Step {
  if (event.type === 'tick') return onTick({ ...state, now: event.now });
  return event.asked === state.asked ? onAnswer({ ...state, asked: undefined }, event) : onLateAnswer(state, event);
}

function onAnswer(state: LeaseState, event: LeaseAnswer): Step {
  switch (event.type) {
    case 'found': {
      const { now, term, seen } = state;
      if (event.revision === undefined) return ask(state, { type: 'create' });
      if (seen?.revision !== event.revision) return [{ ...state, seen: { revision: event.revision, since: now } }, []];
      return now - seen.since <= term ? [state, []] : ask(state, { type: 'update', revision: event.revision });
    }
    case 'won':
      // It counts from when it was asked for: the answer may have been long on its way.
      return [{ ...state, held: { revision: event.revision, renewed: event.asked } }, []];
    case 'lost':
      return [{ ...state, held: undefined, seen: undefined }, []];
    case 'unknown':
      return [state, []];
  }
}

/** Of what was asked before the last question only a lead counts, and that for as long as it would have anyhow. */
function onLateAnswer(state: LeaseState, event: LeaseAnswer): Step {
  if (event.type !== 'won' || (state.held?.renewed ?? Number.NEGATIVE_INFINITY) > event.asked) return [state, []];
  return [{ ...state, held: { revision: event.revision, renewed: event.asked } }, []];
}

type Question = { readonly type: 'look' | 'create' } | { readonly type: 'update'; readonly revision: number };

const ask = (state: LeaseState, question: Question): Step => [
  { ...state, asked: state.now },
  [{ ...question, asked: state.now }],
];

function onTick(state: LeaseState): Step {
  const { now, asked, held, term } = state;
  // An answer that never comes is no reason never to ask again.
  if (asked !== undefined && now - asked < term) return [state, []];
  if (held && !leads(state)) return ask({ ...state, held: undefined }, { type: 'look' });
  if (!held) return ask(state, { type: 'look' });
  return now - held.renewed < RENEW * term ? [state, []] : ask(state, { type: 'update', revision: held.revision });
}
