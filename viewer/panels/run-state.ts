import type { ClusterView } from '../../workers/protocol/operations.ts';
import type { Progress } from '../../workers/protocol/viewing.ts';
import type { Connection } from '../state.ts';

export interface StateInWords {
  readonly kind: 'live' | 'waiting' | 'still' | 'trouble';
  readonly text: string;
  readonly about: string;
}

/** What the badge beside the title says. `seconds` is the time asked for; undefined follows the newest. */
export function stateInWords(
  connection: Connection,
  progress: Pick<Progress, 'state'> | undefined,
  seconds: number | undefined,
): StateInWords {
  if (connection.phase === 'site')
    return { kind: 'still', text: 'Played back', about: 'A finished run, kept and played back' };
  if (connection.phase === 'connecting' || !progress)
    return { kind: 'waiting', text: 'Connecting', about: 'Asking for the run' };
  switch (progress.state) {
    case 'starting':
      return { kind: 'waiting', text: 'Starting', about: 'The computation is being prepared' };
    case 'running':
      return seconds === undefined
        ? { kind: 'live', text: 'Live', about: 'Being computed now; you see each picture as it comes' }
        : { kind: 'waiting', text: 'Running', about: 'Still being computed; you are looking at an earlier time' };
    case 'paused':
      return { kind: 'still', text: 'Paused', about: 'The computation waits' };
    case 'finished':
      return { kind: 'still', text: 'Finished', about: 'The computation is complete' };
    case 'interrupted':
      return { kind: 'trouble', text: 'Interrupted', about: 'The computation stopped before its end; it can go on' };
    case 'failed':
      return { kind: 'trouble', text: 'Failed', about: 'The computation ended with an error' };
  }
}

/** The same of a cluster without a run to look at. */
export function watchInWords(connection: Connection, view: ClusterView | undefined): StateInWords {
  if (connection.phase !== 'open' || !view || view.leader.state === 'asked')
    return { kind: 'waiting', text: 'Connecting', about: 'Asking what the nodes do' };
  return view.leader.state === 'answers'
    ? { kind: 'live', text: 'Live', about: 'The leader is asked every second' }
    : { kind: 'trouble', text: 'No leader', about: 'No leader answers; what you see is as it was' };
}
