import { type ChildProcess, spawn } from 'node:child_process';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { WebSocket } from 'ws';
import { FRAME, packMessage, unpackMessage } from '../workers/protocol/frame.ts';
import { type Reply, type Request, SUBPROTOCOL } from '../workers/protocol/viewing.ts';
import { packageRoot } from '../workers/store/provenance.ts';

/** The main job at the resolution that `npm start` shows, long enough to be timed. */
const JOB = ['--set', 'grid.cells=270', '--set', 'grid.tile=90', '--set', 'time.duration=6 h'];

/** A viewer that watches the first field and pays for every frame at once. */
function watch(port: number, onFrame: () => void): WebSocket {
  const socket = new WebSocket(`ws://127.0.0.1:${port}/socket`, SUBPROTOCOL);
  const say = (request: Request) => socket.send(packMessage(request));
  let watching = false;
  socket.on('error', () => {});
  socket.on('message', (data: Buffer) => {
    if (data[0] === FRAME) {
      onFrame();
      say({ type: 'credit', id: 2, frames: 1 });
      return;
    }
    const reply = unpackMessage(data) as Reply;
    if (reply.type === 'welcome') say({ type: 'open', run: reply.shown ?? reply.runs[0]!.id });
    else if (reply.type === 'run' && !watching) {
      watching = true;
      const { id, firstField, levels } = reply.run;
      say({ type: 'watch', id: 2, run: id, field: firstField, level: levels.includes(1) ? 1 : 0, credits: 2 });
    }
  });
  return socket;
}

async function ended(child: ChildProcess): Promise<void> {
  if (child.exitCode === null) await new Promise((resolve) => child.once('exit', resolve));
}

/** Wall seconds of the steps of tohoku-2011 at 20′ while so many viewers watch it, and the frames that each was sent. */
export async function timeWatched(viewers: number, directory: string) {
  const program = join(packageRoot(), 'dist', 'workers', 'cli', 'main.js');
  const args = ['start', 'tohoku-2011', ...JOB, '--port', '0', '--json', '--serve', '--output', directory];
  const child = spawn(process.execPath, [program, ...args], { stdio: ['ignore', 'pipe', 'ignore'] });
  const sockets: WebSocket[] = [];
  let frames = 0;
  try {
    for await (const line of createInterface({ input: child.stdout! })) {
      const event = JSON.parse(line) as { event?: string; port?: number; wallSeconds?: number; stateHash?: string };
      if (event.event === 'serving') for (let k = 0; k < viewers; k++) sockets.push(watch(event.port!, () => frames++));
      if (event.event === 'finished')
        return {
          seconds: event.wallSeconds!,
          stateHash: event.stateHash!,
          framesEach: viewers > 0 ? frames / viewers : 0,
        };
    }
    throw new Error('BenchFailed: the run ended before it was done. Run `terrella start tohoku-2011` to see why.');
  } finally {
    for (const socket of sockets) socket.terminate();
    child.kill('SIGINT');
    await ended(child);
  }
}
