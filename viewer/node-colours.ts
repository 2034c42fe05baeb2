/**
 * Colours of nodes, told apart with any kind of colour blindness: Okabe and Ito (2008), blue and green lightened for a dark
 * ground. After eight they come again; whoever chooses a node sees its tiles alone.
 */
export const NODE_COLOURS: readonly (readonly [number, number, number])[] = [
  [86, 180, 233],
  [230, 159, 0],
  [0, 170, 125],
  [204, 121, 167],
  [240, 228, 66],
  [224, 100, 20],
  [60, 130, 220],
  [200, 205, 212],
];
/** Of tiles whose owner is silent. */
export const SILENT_COLOUR: readonly [number, number, number] = [120, 120, 128];

export const colourOfSlot = (slot: number): readonly [number, number, number] =>
  NODE_COLOURS[slot % NODE_COLOURS.length]!;
export const cssOfSlot = (slot: number): string => `rgb(${colourOfSlot(slot).join(' ')})`;
