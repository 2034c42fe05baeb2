import { parseDegrees } from './place-words.ts';
import { type NamedPlace, PLACES } from './places.ts';

/** "Valparaiso" finds Valparaíso. */
const plain = (text: string): string =>
  text
    .normalize('NFD')
    .replace(/[\u0300-\u036f]|[ʻ’'.,]/g, '')
    .toLowerCase()
    .trim();

/** Places whose name, or a word of it, begins with the text; better known ones first. */
export function findPlaces(text: string, places: readonly NamedPlace[] = PLACES, most = 6): readonly NamedPlace[] {
  const wanted = plain(text);
  if (wanted === '') return [];
  const found = places.flatMap((place) => {
    const name = plain(place.name);
    const quality = name.startsWith(wanted) ? 0 : name.split(/[\s-]/).some((word) => word.startsWith(wanted)) ? 1 : 2;
    return quality < 2 ? [{ place, quality }] : [];
  });
  found.sort((a, b) => a.quality - b.quality || a.place.rank - b.place.rank);
  return found.slice(0, most).map(({ place }) => place);
}

/** "38.3, 142.4" or "38.3 N 142.4 E": a place by its latitude and longitude. */
export function parsePlace(text: string): { readonly longitude: number; readonly latitude: number } | undefined {
  const parts =
    text.match(/^\s*(.+?[NS])\s*[,;]?\s*(.+?)\s*$/i) ?? text.match(/^\s*(\S+?)\s*(?:[,;]\s+|[;\s]\s*|,)(\S+)\s*$/);
  const latitude = parseDegrees(parts?.[1] ?? '', 90);
  const longitude = parseDegrees(parts?.[2] ?? '', 360);
  return latitude === undefined || longitude === undefined ? undefined : { longitude, latitude };
}
