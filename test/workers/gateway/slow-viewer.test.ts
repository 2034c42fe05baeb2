import { afterAll, afterEach, describe, expect, it } from 'vitest';
import type { Gateway } from '../../../workers/gateway/gateway.ts';
import { LiveRun } from '../../../workers/gateway/live-run.ts';
import type { RunBoard } from '../../../workers/gateway/run-board.ts';
import { beginRun, boardOf, removeDirectories, SEA, type SmallLive, serve } from './small-gateway.ts';
import { connect, type TestViewer } from './viewer.ts';

const RUN = 'gaussian-hump';
/** More than a loopback connection holds, a few times over. */
const LONG_TEXT = 'x'.repeat(3 * 2 ** 20);

let run: SmallLive;
let gateway: Gateway;
let viewer: TestViewer;

afterEach(async () => {
  run?.live.control.stop();
  await run?.end;
  await viewer?.close();
  await gateway?.close();
});
afterAll(removeDirectories);

/** A viewer that has asked for more than it reads. */
async function stuffedViewer(): Promise<RunBoard> {
  const set = ['output.format=none', 'output.checkpoints={}'];
  run = await beginRun(RUN, { set, paused: true });
  const { live } = run;
  const info = live.info.bind(live);
  live.info = async () => {
    const found = await info();
    return found && { ...found, description: LONG_TEXT };
  };
  const board = boardOf(run);
  gateway = await serve(board);
  viewer = await connect(gateway.port);
  viewer.say({ type: 'open', run: RUN });
  await viewer.next('run');
  viewer.socket.pause();
  // One after the other: those that come together are told together.
  for (let k = 0; k < 8; k++) {
    viewer.say({ type: 'open', run: RUN });
    await wait(50);
  }
  return board;
}

const wait = (milliseconds: number): Promise<void> => new Promise((done) => setTimeout(done, milliseconds));

describe('a viewer that reads late', () => {
  it('hears the last news of its runs and of the list when it does', async () => {
    const board = await stuffedViewer();
    run.live.control.resume();
    const end = await run.end;
    board.add(new LiveRun('another', { name: 'another', title: 'Another' }));
    viewer.socket.resume();
    const { progress } = await viewer.next('progress', (reply) => reply.progress.state === 'finished');
    expect(progress.stateHash).toBe(end.outcome === 'finished' && end.result.stateHash);
    const { runs } = await viewer.next('runs', (reply) => reply.runs.length === 2);
    expect(runs[0]).toMatchObject({ id: RUN, state: 'finished' });
  });

  it('has no frame, record or series made for it before it does', async () => {
    await stuffedViewer();
    let made = 0;
    const counted = run.live as unknown as Record<string, (request: unknown) => unknown>;
    for (const name of ['frame', 'probe', 'stations']) {
      const make = counted[name]!.bind(run.live);
      counted[name] = (request) => {
        made++;
        return make(request);
      };
    }
    for (let id = 0; id < 8; id++) viewer.say({ type: 'frame', id, run: RUN, field: SEA, level: 0 });
    viewer.say({ type: 'probe', id: 8, run: RUN, field: SEA, longitude: 0, latitude: 0 });
    viewer.say({ type: 'stations', run: RUN });
    await wait(300);
    expect(made).toBe(0);
    viewer.socket.resume();
    for (let id = 0; id < 8; id++) expect((await viewer.nextFrame()).header.id).toBe(id);
    await viewer.next('probe');
    await viewer.next('stations');
  });
});

it('a run that is opened again is the last to give way to others', async () => {
  const runs = Array.from({ length: 9 }, (_, k) => ({
    live: new LiveRun(`run-${k}`, { name: `run-${k}`, title: '' }),
  }));
  gateway = await serve(boardOf(...runs));
  viewer = await connect(gateway.port);
  for (const k of [0, 1, 2, 3, 4, 5, 6, 7, 0, 8]) {
    viewer.say({ type: 'open', run: `run-${k}` });
    await viewer.next('progress', ({ progress }) => progress.run === `run-${k}`);
  }
  runs[0]!.live.control.limitSpeed(7);
  const { progress } = await viewer.next('progress', (reply) => reply.progress.speedLimit === 7);
  expect(progress.run).toBe('run-0');
});
