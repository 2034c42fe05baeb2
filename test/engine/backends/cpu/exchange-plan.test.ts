import { rmSync } from 'node:fs';
import { dirname } from 'node:path';
import { afterAll, expect, test } from 'vitest';
import type { CpuRun } from '../../../../engine/backends/cpu/cpu-run.ts';
import { type PeerExchange, planExchange, roundsOf } from '../../../../engine/backends/cpu/exchange-plan.ts';
import { planMemory, planShare } from '../../../../engine/backends/cpu/memory-plan.ts';
import { Shard } from '../../../../engine/backends/cpu/shard.ts';
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

test.each(['float32', 'float64'] as const)(
  'halos of %s that lie beyond two gibibytes are packed and unpacked like others',
  async (precision) => {
    const set = ['grid.cells=16', 'grid.tile=8', `model.precision=${precision}`];
    const { options } = (await prepareSmall(file, set, { form: 'wasm' })).prepared;
    const { grid, model, scheme, trust } = options;
    const { plan, reads } = planMemory(grid, model, precision, trust, true);
    const far = { ...plan, tiles: plan.tiles.map((tile) => ({ ...tile, base: tile.base + FAR })) };
    const owners = grid.tiles.map(({ id }) => id % 2);
    const rounds = roundsOf(plan, model, scheme);
    const farReads = reads.map((cells) => cells.map((address) => address + FAR));
    const shards = [0, 1].map((self) => {
      const exchangePlan = planExchange(far, rounds, farReads, undefined, { owners, self });
      const buffer = new ArrayBuffer(FAR + plan.bytes);
      const shard = new Shard({ exchangePlan, plan: far, memory: { buffer }, options } as unknown as CpuRun);
      return { shard, buffer, exchangePlan };
    });
    const [from, to] = [shards[0]!, shards[1]!];
    const values = (buffer: ArrayBuffer) =>
      precision === 'float32' ? new Float32Array(buffer) : new Float64Array(buffer);
    const width = precision === 'float32' ? 4 : 8;
    const { outgoing } = from.exchangePlan.peers[0]!;
    const { incoming } = to.exchangePlan.peers[0]!;
    expect(incoming).toEqual(outgoing);
    const { offsets } = rounds[0]!;
    const places = offsets.flatMap((offset) => Array.from(outgoing, (address) => (address + offset) / width));
    expect(places.length).toBeGreaterThan(0);
    expect(Math.min(...places) * width).toBeGreaterThanOrEqual(FAR);
    const [sent, received] = [values(from.buffer), values(to.buffer)];
    places.forEach((place, k) => {
      sent[place] = k + 1;
    });
    const room = new Uint8Array(from.shard.largestHalo(1, 0));
    const length = from.shard.pack(1, 0, room);
    to.shard.unpack(0, 0, room.subarray(0, length));
    expect(places.map((place) => received[place])).toEqual(places.map((_, k) => k + 1));
  },
);

test('the memory of a share is planned once for a run, and anew for another on the same grid', async () => {
  const { options } = (await prepareSmall(file, ['grid.cells=16', 'grid.tile=8'], { form: 'wasm' })).prepared;
  const { grid, model, trust } = options;
  const others = [
    [{ ...model, fields: model.fields.slice(0, -1) }, 'float64', trust],
    [model, 'float32', trust],
    [model, 'float64', () => false],
  ] as const;
  for (const [otherModel, precision, otherTrust] of others) {
    const planned = planShare(grid, model, 'float64', trust);
    expect(planShare(grid, model, 'float64', trust)).toBe(planned);
    const found = planShare(grid, otherModel, precision, otherTrust);
    expect(found).toEqual(planMemory(grid, otherModel, precision, otherTrust, true));
    expect(found).not.toEqual(planned);
  }
});
