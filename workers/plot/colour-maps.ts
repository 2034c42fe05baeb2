import { colourMapTables } from './colour-map-tables.ts';

export type ColourMapName = keyof typeof colourMapTables;

/** sequential: from nothing to much; diverging: neutral at its middle, for signed fields; cyclic: ends meet. */
export type ColourMapKind = 'sequential' | 'diverging' | 'cyclic';

export const colourMapNames = Object.keys(colourMapTables) as ColourMapName[];

const tables = new Map<ColourMapName, Uint8Array>();

/**
 * The table of a perceptually uniform colour map: 256 entries × red, green, blue [0 … 255], a copy for the caller.
 * Needs neither Node nor a page. Throws UnknownColourMap.
 */
export function colourMap(name: ColourMapName): Uint8Array {
  let table = tables.get(name);
  if (!table) {
    if (!isColourMapName(name)) throw new UnknownColourMap(name);
    const characters = atob(colourMapTables[name]);
    table = Uint8Array.from(characters, (character) => character.charCodeAt(0));
    tables.set(name, table);
  }
  return table.slice();
}

export function isColourMapName(name: string): name is ColourMapName {
  return Object.hasOwn(colourMapTables, name);
}

export function colourMapKind(name: ColourMapName): ColourMapKind {
  if (name === 'balance' || name === 'vik' || name === 'tide') return 'diverging';
  return name === 'phase' ? 'cyclic' : 'sequential';
}

export class UnknownColourMap extends Error {
  readonly tag = 'UnknownColourMap';
  constructor(name: string) {
    super(`UnknownColourMap: there is no colour map '${name}'. Use one of: ${colourMapNames.join(', ')}.`);
    this.name = 'UnknownColourMap';
  }
}
