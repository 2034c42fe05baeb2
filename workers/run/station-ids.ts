const LONGEST = 80;

/** A name in letters, digits, points, dashes and underscores of ASCII, the first a letter or a digit. */
function plainName(name: string): string {
  const unaccented = name.normalize('NFKD').replace(/\p{M}+/gu, '');
  const plain = unaccented.replace(/[^\p{L}\p{N}._-]+/gu, '-').replace(/[^A-Za-z0-9._-]/g, '_');
  return plain.replace(/^[._-]+/, '').slice(0, LONGEST) || 'station';
}

/**
 * An id for each station of a run, by which its record is called in the store and in files. One that an earlier station
 * has already, on a disk that knows no capitals, takes a number: `Hilo-HI-2`.
 */
export function stationIds(names: readonly string[]): readonly string[] {
  // The one file that stands beside the records in the store.
  const taken = new Set(['zarr.json']);
  return names.map((name) => {
    const plain = plainName(name);
    let id = plain;
    for (let count = 2; taken.has(id.toLowerCase()); count++) id = `${plain}-${count}`;
    taken.add(id.toLowerCase());
    return id;
  });
}
