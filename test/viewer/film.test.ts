import { afterEach, beforeEach, describe, expect, it, vi } from 'vitest';
import type { DecodedFrame } from '../../viewer/stream/decoded-frame.ts';
import { Film } from '../../viewer/stream/film.ts';

type Key = Parameters<Film['ask']>[0];

const MEBIBYTE = 2 ** 20;
const key = (seconds?: number): Key => ({
  ...{ run: 'run', field: 'height', level: 0 },
  ...(seconds === undefined ? {} : { seconds }),
});

/** A frame of so many bytes, whose memory nobody has to have. */
const frame = (seconds: number, bytes: number): DecodedFrame => ({
  ...{ id: 1, run: 'run', field: 'height', step: 0, seconds, level: 0, cellsX: 1, cellsY: 1, tileX: 1, tileY: 1 },
  ...{ panels: 6, layerX: 3, layerY: 3, low: 0, high: 1, captured: 0, decoding: 0 },
  codes: { byteLength: bytes } as Uint16Array,
});

/** A film whose fetches are answered by hand. */
function filmed() {
  const asked: { readonly key: Key; answer(bytes?: number): Promise<void>; refuse(): Promise<void> }[] = [];
  let told = 0;
  const settled = async () => {
    for (let turn = 0; turn < 8; turn++) await Promise.resolve();
  };
  const film = new Film(
    (wanted) =>
      new Promise((resolve, reject) => {
        asked.push({
          key: wanted,
          answer: (bytes = 100) => {
            resolve(frame(wanted.seconds ?? -1, bytes));
            return settled();
          },
          refuse: () => {
            reject(new Error('refused'));
            return settled();
          },
        });
      }),
    () => {
      told++;
    },
  );
  return { film, asked, told: () => told };
}

async function fill(film: Film, asked: ReturnType<typeof filmed>['asked'], times: readonly number[], bytes: number) {
  for (const seconds of times) {
    film.ask(key(seconds));
    await asked.at(-1)!.answer(bytes);
  }
}

describe('a film', () => {
  it('never has more than three fetches under way, and asks for nothing twice', async () => {
    const { film, asked } = filmed();
    for (let round = 0; round < 3; round++)
      for (let seconds = 0; seconds < 10; seconds++) expect(film.ask(key(seconds))).toBeUndefined();
    expect(asked.map((one) => one.key.seconds)).toEqual([0, 1, 2]);
    await asked[1]!.answer();
    for (let seconds = 0; seconds < 10; seconds++) film.ask(key(seconds));
    expect(asked.map((one) => one.key.seconds)).toEqual([0, 1, 2, 3]);
    expect(film.isWaiting).toBe(true);
    for (const one of [asked[0]!, asked[2]!, asked[3]!]) await one.answer();
    expect(film.isWaiting).toBe(false);
  });

  it('has a frame once it came, says so, and does not fetch it again', async () => {
    const { film, asked, told } = filmed();
    film.ask(key(7));
    expect(told()).toBe(0);
    await asked[0]!.answer();
    expect(told()).toBe(1);
    expect(film.ask(key(7))?.seconds).toBe(7);
    expect(asked.length).toBe(1);
  });

  it('knows runs, fields, levels and times apart', async () => {
    const { film, asked } = filmed();
    film.ask(key(0));
    await asked[0]!.answer();
    const others: Key[] = [
      { ...key(0), run: 'other' },
      { ...key(0), field: 'speed' },
      { ...key(0), level: 1 },
      key(1),
      key(),
    ];
    for (const other of others) {
      expect(film.ask(other)).toBeUndefined();
      await asked.at(-1)!.answer();
    }
    expect(asked.map((one) => one.key)).toEqual([key(0), ...others]);
  });

  it('drops what was asked for before the present was forgotten, and asks again', async () => {
    const { film, asked, told } = filmed();
    film.ask(key());
    film.ask(key(0));
    film.forgetPresent();
    await asked[0]!.answer();
    await asked[1]!.answer();
    expect(told()).toBe(2);
    expect(film.ask(key(0))).toBeDefined();
    expect(film.ask(key())).toBeUndefined();
    expect(asked.map((one) => one.key)).toEqual([key(), key(0), key()]);
    // A late frame of a run that goes on is new enough.
    film.refreshPresent();
    await asked[2]!.answer();
    expect(film.ask(key())).toBeDefined();
    // Another run's may have the same name.
    film.ask(key(1));
    film.forget();
    await asked[3]!.refuse();
    expect(film.ask(key(1))).toBeUndefined();
    expect(asked.length).toBe(5);
  });

  it('keeps within 160 MiB, and what was looked at last stays longest', async () => {
    const { film, asked } = filmed();
    await fill(film, asked, [0, 1, 2, 3, 4, 5, 6, 7], 20 * MEBIBYTE);
    const fetched = () => asked.length;
    for (let seconds = 0; seconds < 8; seconds++) expect(film.ask(key(seconds))).toBeDefined();
    // Looked at again, the first is now the youngest.
    expect(film.ask(key(0))).toBeDefined();
    await fill(film, asked, [8, 9], 20 * MEBIBYTE);
    const before = fetched();
    for (const seconds of [0, 3, 4, 5, 6, 7, 8, 9]) expect(film.ask(key(seconds)), `${seconds}`).toBeDefined();
    expect(fetched()).toBe(before);
    expect(film.ask(key(1))).toBeUndefined();
    expect(film.ask(key(2))).toBeUndefined();
  });

  it('keeps four frames however large, so that what is on the screen stays there', async () => {
    const { film, asked } = filmed();
    await fill(film, asked, [0, 1, 2, 3, 4], 100 * MEBIBYTE);
    expect(film.ask(key(0))).toBeUndefined();
    for (const seconds of [1, 2, 3, 4]) expect(film.ask(key(seconds))).toBeDefined();
  });

  it('forgets the present alone, or everything, and then has room again', async () => {
    const { film, asked } = filmed();
    film.ask(key());
    await asked[0]!.answer(80 * MEBIBYTE);
    await fill(film, asked, [0, 1], 30 * MEBIBYTE);
    film.refreshPresent();
    expect(film.ask(key(0))).toBeDefined();
    expect(film.ask(key(1))).toBeDefined();
    expect(film.ask(key())).toBeUndefined();
    expect(asked.length).toBe(4);
    await asked[3]!.answer(10 * MEBIBYTE);
    // 70 of 160 MiB: three more of 30 fit exactly.
    await fill(film, asked, [2, 3, 4], 30 * MEBIBYTE);
    for (const seconds of [0, 1, 2, 3, 4]) expect(film.ask(key(seconds)), `${seconds}`).toBeDefined();
    film.forget();
    expect(film.ask(key(0))).toBeUndefined();
    expect(film.ask(key())).toBeUndefined();
    await asked.at(-2)!.answer(40 * MEBIBYTE);
    await asked.at(-1)!.answer(40 * MEBIBYTE);
    await fill(film, asked, [5, 6], 40 * MEBIBYTE);
    expect(film.ask(key(0))).toBeDefined();
  });
});

describe('a frame that did not come', () => {
  // The clock is turned by hand.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
  afterEach(() => void vi.useRealTimers());

  it('is asked for again after two seconds, not sixty times a second', async () => {
    const { film, asked, told } = filmed();
    film.ask(key(0));
    await asked[0]!.refuse();
    expect(told()).toBe(1);
    expect(film.isWaiting).toBe(false);
    for (let frames = 0; frames < 119; frames++) {
      vi.advanceTimersByTime(1000 / 60);
      film.ask(key(0));
    }
    expect(asked.length).toBe(1);
    vi.advanceTimersByTime(40);
    film.ask(key(0));
    expect(asked.length).toBe(2);
    await asked[1]!.answer();
    expect(film.ask(key(0))).toBeDefined();
  });

  it('keeps no other frame from being asked for, and is asked for at once when the present is forgotten', async () => {
    const { film, asked } = filmed();
    film.ask(key(0));
    await asked[0]!.refuse();
    film.ask(key(1));
    expect(asked.length).toBe(2);
    film.forgetPresent();
    film.ask(key(0));
    expect(asked.length).toBe(3);
  });
});
