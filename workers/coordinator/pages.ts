/** Things that a page of an answer holds at most; all of them must fit into one message too. */
const MOST_THINGS = 500;

/** What is listed page by page: by keys, which keep their order while things come and go. */
export interface Listed<T> {
  readonly key: string;
  readonly thing: T;
  /** Of the thing in a message; asked for only where there are several. */
  readonly bytes: () => number;
}

export interface Page<T> {
  readonly things: readonly T[];
  /** Key of the last, if there are more. */
  readonly next: string | undefined;
}

/** What comes after a key, as much of it as so many bytes hold; one thing at least. */
export function pageOf<T>(listed: readonly Listed<T>[], after: string | undefined, room: number): Page<T> {
  const rest = listed
    .filter(({ key }) => after === undefined || key > after)
    .sort((a, b) => (a.key < b.key ? -1 : 1))
    .slice(0, MOST_THINGS + 1);
  let left = room;
  let count = 0;
  for (const { bytes } of rest) {
    if (rest.length > 1) left -= bytes();
    if (count >= MOST_THINGS || (left < 0 && count > 0)) break;
    count++;
  }
  const things = rest.slice(0, count);
  return { things: things.map(({ thing }) => thing), next: count < rest.length ? things.at(-1)?.key : undefined };
}
