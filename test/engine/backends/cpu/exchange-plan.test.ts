import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import { type PeerExchange, planExchange, roundsOf } from '../../../../engine/backends/cpu/exchange-plan.ts';
import { planMemory } from '../../../../engine/backends/cpu/memory-plan.ts';
import { prepareSmall, writeSmallOcean } from '../../../workers/run/small-ocean.ts';

const file = writeSmallOcean();
afterAll(() => rmSync(dirname(file), { recursive: true }));

/** Beyond it a signed number of 32 bits is negative. */
const FAR = 2 ** 31;

test('cells that lie beyond two gibibytes are exchanged like others', async () => {
  const { options } = (await prepareSmall(file, ['grid.cells=16', 'grid.tile=8'], { form: 'wasm' })).prepared;
  const { grid, model, scheme, precision, trust } = options;
  const { plan, reads } = planMemory(grid, model, precision, trust, true);
  const far = { ...plan, tiles: plan.tiles.map((tile) => ({ ...tile, base: tile.base + FAR })) };
  const owners = grid.tiles.map(({ id }) => id % 3);
  const rounds = roundsOf(plan, model, scheme);
  for (const self of [0, 1, 2]) {
    const near = planExchange(plan, rounds, reads, undefined, { owners, self }).peers;
    expect(near.map(({ peer }) => peer)).toEqual([0, 1, 2].filter((peer) => peer !== self));
    const moved = planExchange(
      far,
      rounds,
      reads.map((cells) => cells.map((address) => address + FAR)),
      undefined,
      { owners, self },
    ).peers;
    const back = (peer: PeerExchange): PeerExchange => ({
      ...peer,
      outgoing: peer.outgoing.map((address) => address - FAR),
      incoming: peer.incoming.map((address) => address - FAR),
    });
    expect(moved.map(back)).toEqual(near);
    expect(near.every(({ outgoing }) => outgoing.length > 0)).toBe(true);
  }
});
