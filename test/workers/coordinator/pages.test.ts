import { expect, test } from 'vitest';
import { type Listed, pageOf } from '../../../workers/coordinator/pages.ts';

const listed = (sizes: Readonly<Record<string, number>>): Listed<string>[] =>
  Object.entries(sizes).map(([key, size]) => ({ key, thing: key, bytes: () => size }));

test('pages hold everything once, in the order of keys, none more than there is room for', () => {
  const all = listed({ d: 60, a: 40, c: 500, b: 50, e: 10 });
  const pages: string[][] = [];
  for (let after: string | undefined; ; ) {
    const { things, next } = pageOf(all, after, 100);
    pages.push([...things]);
    after = next;
    if (after === undefined) break;
  }
  // What is too large for any page goes alone.
  expect(pages).toEqual([['a', 'b'], ['c'], ['d', 'e']]);
});

test('a page goes on where it ended, whatever has come and gone', () => {
  expect(pageOf(listed({ a: 1, c: 1 }), 'b', 100)).toEqual({ things: ['c'], next: undefined });
  expect(pageOf([], undefined, 100)).toEqual({ things: [], next: undefined });
});

test('of thousands 500 are on a page', () => {
  const many = listed(Object.fromEntries(Array.from({ length: 1200 }, (_, k) => [String(k).padStart(5, '0'), 1])));
  const first = pageOf(many, undefined, 1e9);
  expect([first.things.length, first.next]).toEqual([500, '00499']);
  expect(pageOf(many, '00999', 1e9)).toMatchObject({ next: undefined });
});
