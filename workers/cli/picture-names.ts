/** What `terrella plot` can draw. */
export const PICTURES = [
  'maximum-amplitude',
  'arrival-time',
  'sea-surface',
  'height',
  'vorticity',
  'stations',
] as const;
export type Picture = (typeof PICTURES)[number];
