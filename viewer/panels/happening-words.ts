import type { Happening, WatchedState } from '../../workers/protocol/operations.ts';

export const STATE_WORDS: Readonly<Record<WatchedState, string>> = {
  computing: 'computing',
  idle: 'idle',
  preparing: 'preparing',
  draining: 'draining',
  silent: 'silent',
};

/** What a state means, for whoever has not read the manual. */
export const STATE_MEANINGS: Readonly<Record<WatchedState, string>> = {
  computing: 'It has tiles and computes them.',
  idle: 'It is there and has no tiles now.',
  preparing: 'It is getting its share of a run ready.',
  draining: 'It gives its tiles away and takes no others.',
  silent: 'It has not been heard for longer than it is waited for. Others take its tiles.',
};

const tilesInWords = (count: number): string => `${count} ${count === 1 ? 'tile' : 'tiles'}`;

/** One line, in plain words. */
export function happeningInWords(what: Happening): string {
  switch (what.kind) {
    case 'joined':
      return `${what.node} joined`;
    case 'gone':
      return `${what.node} is gone: silent for ${what.silent} s`;
    case 'back':
      return `${what.node} is heard again`;
    case 'restarted':
      return `${what.node} was started again`;
    case 'draining':
      return `${what.node} gives its tiles away`;
    case 'left':
      return `${what.node} left`;
    case 'moved':
      return `${tilesInWords(what.tiles)} moved from ${what.from} to ${what.to} (epoch ${what.epoch})`;
    case 'begun':
      return `${what.run} began: ${tilesInWords(what.tiles)} on ${what.nodes} ${what.nodes === 1 ? 'node' : 'nodes'}`;
    case 'ended':
      return `${what.run} ${what.state}${what.message === undefined ? '' : `: ${what.message}`}`;
    case 'leader-lost':
      return 'No leader answers';
    case 'leader-found':
      return 'A leader answers';
  }
}

/** How a line is marked. */
export function moodOf({ kind }: Happening): 'good' | 'bad' | 'plain' {
  if (kind === 'gone' || kind === 'leader-lost') return 'bad';
  return kind === 'joined' || kind === 'back' || kind === 'leader-found' ? 'good' : 'plain';
}

/** Whether it is about a node. */
export const isAbout = (what: Happening, node: string): boolean =>
  'node' in what ? what.node === node : what.kind === 'moved' && (what.from === node || what.to === node);

/** "14:03:20", by the visitor's own clock. */
export function timeOfDay(at: number): string {
  const date = new Date(at);
  return [date.getHours(), date.getMinutes(), date.getSeconds()].map((part) => String(part).padStart(2, '0')).join(':');
}
