import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { startBroker } from '../workers/transport/broker.ts';
import { connectNats } from '../workers/transport/nats.ts';
import type { Transport } from '../workers/transport/transport.ts';
import { describeRow, median, rounded } from './rows.ts';

/** Bytes of a message that holds the halos of 24 tiles: of 4 KiB each, and of small tiles. */
const SIZES = [96 * 1024, 32 * 1024];
const SECONDS = 5;

const ENTRY = fileURLToPath(import.meta.url);

/**
 * Exchanges messages of one size with the other side in lockstep: sends round k, waits for the other's round k. The side
 * that leads says with round 0 of the last message that it is enough. Gives back the rounds of each second.
 */
async function exchange(transport: Transport, mine: string, theirs: string, bytes: number, leads: boolean) {
  const message = new Float64Array(bytes / 8);
  const raw = new Uint8Array(message.buffer);
  const perSecond: number[] = [];
  let take = (_: number) => {};
  // The other side may be one round ahead, never more.
  const early: number[] = [];
  const end = transport.subscribe(`halo.${theirs}.${bytes}`, (incoming) => {
    const [round] = new Float64Array(incoming.bytes.buffer, 0, 1);
    early.push(round!);
    take(early.length);
  });
  const next = async (): Promise<number> => {
    while (early.length === 0) {
      await new Promise<void>((resolve) => {
        take = () => resolve();
      });
    }
    return early.shift()!;
  };
  await transport.flush();
  if (leads) await transport.request(`begin.${bytes}`, new Uint8Array(), 10_000);
  else {
    await new Promise<void>((resolve) => {
      transport.subscribe(`begin.${bytes}`, ({ respond }) => {
        respond?.(new Uint8Array());
        resolve();
      });
      void transport.flush().then(() => console.log('ready'));
    });
  }
  let rounds = 0;
  let began = performance.now();
  for (let round = 1; perSecond.length <= SECONDS; round++) {
    message[0] = round;
    transport.publish(`halo.${mine}.${bytes}`, raw);
    const other = await next();
    if (other === 0) break;
    if (other !== round) throw new Error(`round ${other} came in round ${round}`);
    rounds++;
    const elapsed = performance.now() - began;
    if (!leads || elapsed < 1000) continue;
    perSecond.push((1000 * rounds) / elapsed);
    rounds = 0;
    began = performance.now();
  }
  message[0] = 0;
  if (leads) transport.publish(`halo.${mine}.${bytes}`, raw);
  end();
  // The first second warms up.
  return perSecond.slice(1);
}

async function follow(url: string): Promise<void> {
  const { transport, close } = await connectNats({ servers: url, name: 'halo-follower' });
  for (const bytes of SIZES) await exchange(transport, 'follower', 'leader', bytes, false);
  await close();
}

/** Two processes exchange halos over a broker on loopback: rounds a second. */
async function lead(): Promise<void> {
  const directory = await mkdtemp(join(tmpdir(), 'terrella-halo-'));
  const broker = await startBroker({ directory, jetStream: false });
  const follower = spawn(process.execPath, [ENTRY, broker.url], { stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    const { transport, close } = await connectNats({ servers: broker.url, name: 'halo-leader' });
    for (const bytes of SIZES) {
      await once(follower.stdout, 'data');
      const perSecond = await exchange(transport, 'leader', 'follower', bytes, true);
      const row = {
        event: 'bench',
        figure: 'halo rounds',
        value: rounded(median(perSecond)),
        unit: '1/s',
        processes: 2,
        tiles: 24,
        messageKiB: bytes / 1024,
        slowest: rounded(Math.min(...perSecond)),
        fastest: rounded(Math.max(...perSecond)),
      } as const;
      console.log(process.argv.includes('--json') ? JSON.stringify(row) : describeRow(row));
    }
    await close();
  } finally {
    follower.kill();
    await broker.stop();
    await rm(directory, { recursive: true, force: true });
  }
}

const address = process.argv[2];
await (address?.startsWith('nats://') ? follow(address) : lead());
