import type { JSX } from 'preact';

/** Drawn on a square of 24, in lines 1.6 wide. */
const DRAWINGS = {
  layers: 'M12 4 3.5 8.5 12 13l8.5-4.5L12 4ZM4 12.5l8 4.2 8-4.2M4 16.3l8 4.2 8-4.2',
  probe:
    'M12 21s6.5-5.6 6.5-11a6.5 6.5 0 1 0-13 0C5.5 15.4 12 21 12 21ZM12 12.2a2.2 2.2 0 1 0 0-4.4 2.2 2.2 0 0 0 0 4.4Z',
  stations: 'M3 12h3l2-6 4 13 3-10 1.6 3H21',
  'what-if':
    'M12 3v3M12 18v3M3 12h3M18 12h3M12 15.5a3.5 3.5 0 1 0 0-7 3.5 3.5 0 0 0 0 7ZM12 19a7 7 0 1 0 0-14 7 7 0 0 0 0 14Z',
  compare: 'M12 3.5v17M4 6.5h5v11H4zM15 6.5h5v11h-5zM4 13l5-4',
  operations: 'M4 4.5h6.5V11H4zM13.5 4.5H20V11h-6.5zM4 13.5h6.5V20H4zM13.5 13.5H20V20h-6.5z',
  cluster:
    'M12 8a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM5.5 20a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM18.5 20a2.5 2.5 0 1 0 0-5 2.5 2.5 0 0 0 0 5ZM10.8 7.8l-4 7.4M13.2 7.8l4 7.4M8 17.5h8',
  compute:
    'M7 7h10v10H7zM10 10h4v4h-4zM9.5 7V3.5M14.5 7V3.5M9.5 20.5V17M14.5 20.5V17M7 9.5H3.5M7 14.5H3.5M20.5 9.5H17M20.5 14.5H17',
  share: 'M12 15V4M8 7.5 12 3.5l4 4M6 11.5H5V20h14v-8.5h-1',
  about: 'M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM12 11v5.5M12 7.6v.2',
  help: 'M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM9.6 9.6A2.5 2.5 0 1 1 12 12.6v1.2M12 16.5v.2',
  colours: 'M4 7h16M4 12h16M4 17h16M9 5v4M15 10v4M7.5 15v4',
  close: 'm6 6 12 12M18 6 6 18',
  play: 'M8 5.2v13.6L19 12 8 5.2Z',
  pause: 'M8.5 5.5v13M15.5 5.5v13',
  back: 'M15.5 6v12L7.5 12l8-6ZM6 6v12',
  forward: 'M8.5 6v12l8-6-8-6ZM18 6v12',
  stop: 'M7 7h10v10H7z',
  down: 'm7 10 5 5 5-5',
  plus: 'M12 5v14M5 12h14',
  minus: 'M5 12h14',
  reset: 'M4.5 12a7.5 7.5 0 1 0 2.4-5.5M4.5 4.5v4h4',
  copy: 'M9 9h10.5v10.5H9zM15 9V4.5H4.5V15H9',
  check: 'm5 12.5 4.5 4.5L19 7.5',
  search: 'M10.5 16.5a6 6 0 1 0 0-12 6 6 0 0 0 0 12ZM15 15l5 5',
  trouble: 'M12 4 2.8 19.5h18.4L12 4ZM12 10v4.5M12 16.9v.2',
  globe: 'M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM3.5 12h17M12 3.5c5 5 5 12 0 17M12 3.5c-5 5-5 12 0 17',
  equirectangular: 'M2.5 7h19v10h-19zM2.5 12h19M8.8 7v10M15.2 7v10',
  mercator: 'M4 4h16v16H4zM4 12h16M4 8.8h16M4 15.2h16M12 4v16',
  mollweide: 'M12 17.5c5.5 0 9.5-2.5 9.5-5.5S17.5 6.5 12 6.5 2.5 9 2.5 12s4 5.5 9.5 5.5ZM2.5 12h19M12 6.5v11',
  polar: 'M12 20.5a8.5 8.5 0 1 0 0-17 8.5 8.5 0 0 0 0 17ZM12 16a4 4 0 1 0 0-8 4 4 0 0 0 0 8ZM12 3.5v17M3.5 12h17',
} as const;

export type IconName = keyof typeof DRAWINGS;

export function Icon({ name }: { name: IconName }): JSX.Element {
  return (
    <svg class="icon" viewBox="0 0 24 24" aria-hidden="true" focusable="false">
      <path d={DRAWINGS[name]} />
    </svg>
  );
}
