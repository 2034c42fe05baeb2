import { adapterName, type ComputeDevice } from '../../../engine/backends/webgpu/compute-device.ts';
import { stepOnDevice } from '../../../engine/backends/webgpu/step-on-device.ts';
import { wallClock } from '../../node/clock.ts';
import { NodeProcess } from '../../node/node-process.ts';
import { type Member, mayCompute } from '../../protocol/cluster.ts';
import { MOST_DEVICE_NAME } from '../../protocol/cluster-messages.ts';
import type { NodePlace } from '../../protocol/metering.ts';
import { type Backend, formOf } from '../../run/form.ts';
import { sha256Hex } from '../../store/state-hash.ts';
import { startThreads } from '../../threads/thread-pool.ts';
import { recordPreparer } from '../cluster-job.ts';
import { type LinkOptions, linkTo, nameOfProcess, speakerOf } from '../cluster-link.ts';
import { collectRarely } from '../collect-rarely.ts';
import { CliError, EXIT } from '../errors.ts';
import { openGraphics } from '../open-graphics.ts';
import { threadsOf } from '../run-command.ts';
import { printEvent, say } from '../terminal.ts';
import { untilSignal } from '../until-signal.ts';

export interface NodeOptions extends LinkOptions {
  readonly name?: string;
  readonly threads?: number;
  /** Where it stands, if its operator wants that to be known. */
  readonly place?: NodePlace;
  readonly backend: Backend;
  readonly json: boolean;
}

/** Cell-updates a second that a thread is believed to make until it has shown what it does. */
const DECLARED = 5e6;
/** How long a node that is asked to end waits for others to take its tiles [ms]. */
const PATIENCE = 30_000;
const LOOK = 100;

/** Hosts shards of whatever runs the cluster has. */
export async function nodeCommand(options: NodeOptions): Promise<void> {
  const speaker = await speakerOf(options, ['node']);
  const name = options.name ?? speaker.user ?? nameOfProcess('node');
  if (speaker.user !== undefined && name !== speaker.user)
    throw new CliError(
      'WrongName',
      `--name ${name}, and the credentials are of ${speaker.user}, who may speak for no other. Leave --name out, or use the credentials of ${name}.`,
      EXIT.usage,
    );
  const gpu = options.backend === 'webgpu' ? await openGraphics(options.json) : undefined;
  try {
    await hostShards(name, speaker, options, gpu);
  } finally {
    // A device that nobody gives back may keep the process.
    gpu?.close();
  }
}

/** Hosts shards on the device, or on threads, until a signal drains it. Throws DeviceLost, DeviceRefused. */
async function hostShards(
  name: string,
  speaker: Awaited<ReturnType<typeof speakerOf>>,
  options: NodeOptions,
  gpu: ComputeDevice | undefined,
): Promise<void> {
  const threads = gpu ? 1 : threadsOf(options);
  collectRarely();
  const link = await linkTo(options, name, speaker);
  const prepare = recordPreparer({ threads, ownThreads: !gpu, form: formOf(options.backend), skipRest: true });
  // Later processes of a node have larger numbers, as long as its clock does not go back by their lives.
  const incarnation = Date.now();
  const member: Member = {
    ...{ node: name, incarnation },
    ...(gpu ? { device: adapterName(gpu.adapter).slice(0, MOST_DEVICE_NAME) } : {}),
  };
  const node = new NodeProcess({
    member,
    transport: link.transport,
    clock: wallClock,
    sha256: sha256Hex,
    startStepper: gpu ? (run, exchange, now) => stepOnDevice(run, gpu, { exchange, now }) : startThreads,
    // A coordinator of an older version knows nothing of devices.
    prepare: async (record) => {
      if (mayCompute(member, record)) return prepare(record);
      throw new Error(
        `NotOnDevice: ${record.run} wants the bits of processors, and ${name} computes on ${member.device}. Submit it with --class tolerance, in float32.`,
      );
    },
    speed: DECLARED * threads,
    threads,
    ...(options.place ? { place: options.place } : {}),
    earning: (run, step) => {
      const since = new Date().toISOString();
      if (options.json) printEvent({ event: 'earning', node: name, since, run, step });
      else say(false, `${name} earns since ${since}: its first work is accepted, of ${run} up to step ${step}.`);
    },
    report: (error) => say(true, `warning: ${error instanceof Error ? error.message : error}`),
  });
  const { device } = member;
  if (options.json) printEvent({ event: 'joined', node: name, threads, device, server: options.nats });
  else
    say(
      false,
      `${name} hosts shards for ${options.nats} on ${device ?? `${threads} threads`}. Ctrl-C drains it and ends.`,
    );
  const lost = await Promise.race([untilSignal(), gpu?.gone() ?? new Promise<never>(() => {})]);
  if (lost) {
    // Others begin again from the last cut as soon as this node is silent.
    await node.stop();
    await link.close();
    throw lost;
  }
  node.draining = true;
  if (node.hosted().length > 0) say(true, `${name} drains: others take its tiles. Ctrl-C again ends it at once.`);
  const end = performance.now() + PATIENCE;
  while (node.hosted().length > 0 && performance.now() < end) await wallClock.wait(LOOK);
  await node.stop();
  await link.close();
}
