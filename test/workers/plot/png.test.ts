import { expect, test } from 'vitest';
import { encodePng } from '../../../workers/plot/png.ts';
import { readPng } from './read-png.ts';
import { mulberry32 } from './synthetic-fields.ts';

test.each([3, 4] as const)('what is written with %d channels is read back', (channels) => {
  const random = mulberry32(5);
  const [width, height] = [37, 23];
  const pixels = new Uint8Array(width * height * 4);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      pixels.set(
        y % 4 ? [x * 7, (x + y) * 5, y * 11, 255] : [random() * 256, random() * 256, random() * 256, 255],
        4 * (y * width + x),
      );
  if (channels === 4) pixels[3] = 128;
  const picture = readPng(encodePng({ width, height, pixels }, { Description: 'tōhoku-2011 · 10′' }));
  expect([picture.width, picture.height, picture.channels]).toEqual([width, height, channels]);
  for (let y = 0; y < height; y++)
    for (let x = 0; x < width; x++)
      expect(picture.at(x, y)).toEqual([...pixels.subarray(4 * (y * width + x), 4 * (y * width + x) + 3)]);
  expect(picture.texts.Description).toBe('tōhoku-2011 · 10′');
});
