import { sha256 } from '@noble/hashes/sha2.js';
import { bytesToHex } from '@noble/hashes/utils.js';
import { hashInputs, scenarioIdentity } from '../../scenarios/identity.ts';
import type { Scenario } from '../../scenarios/scenario.ts';
import { wallClock } from '../node/clock.ts';
import { NodeProcess } from '../node/node-process.ts';
import { readJob } from '../protocol/cluster-messages.ts';
import { HOSTING_PATH } from '../protocol/hosting.ts';
import { RECIPE_VERSION, type Recipe } from '../protocol/recipe.ts';
import { checkIdentity, checkKernels, checkWork } from '../run/job-work.ts';
import { prepareFrom } from '../run/preparation.ts';
import { connectHosting, type SocketLike } from '../transport/socket.ts';
import { startPageThreads } from './page-threads.ts';
import { type FetchBytes, webInputFiles } from './web-files.ts';

/** What becomes of a page that hosts shards. */
export type HostingNews =
  | { readonly type: 'joined'; readonly node: string }
  /** Work of it is accepted for the first time. */
  | { readonly type: 'earning'; readonly run: string; readonly step: number }
  | { readonly type: 'warning'; readonly message: string }
  | { readonly type: 'ended'; readonly why: string };

/** What a page may ask of the worker that hosts shards. */
export interface ShardHosting {
  /** Joins the cluster of the gateway at `base`, and hosts shards until it is left. Throws Unreachable. */
  join(base: string, threads: number, onNews: (news: HostingNews) => void): Promise<void>;
  /** Has others take its tiles, waits for that for so long [ms], and ends. */
  leave(patience: number): Promise<void>;
}

/** Cell-updates a second that a thread of a page is believed to make until it has shown what it does. */
const DECLARED = 3e6;
const LOOK = 100;

/** Hosts shards on workers that `startThread` makes, one a thread, as `terrella node` does on those of Node. */
export function shardHosting(startThread: () => Worker): ShardHosting {
  let leaving: ((patience: number) => Promise<void>) | undefined;
  return {
    async join(base, threads, onNews) {
      const address = new URL(HOSTING_PATH.slice(1), base);
      address.protocol = address.protocol.replace('http', 'ws');
      const { node, incarnation, transport, recipe, ended } = await connectHosting(
        (subprotocol) => new WebSocket(address, subprotocol) as unknown as SocketLike,
      );
      const fetchBytes: FetchBytes = async (path) => {
        const answer = await fetch(new URL(path, base));
        if (!answer.ok) throw new Error(`InputUnreadable: ${path} is not there (${answer.status}).`);
        return new Uint8Array(await answer.arrayBuffer());
      };
      const files = webInputFiles(fetchBytes);
      const hosting = new NodeProcess({
        member: { node, incarnation },
        transport,
        clock: wallClock,
        sha256: (bytes) => bytesToHex(sha256(bytes)),
        startStepper: (run, exchange, now) => startPageThreads(run, startThread, exchange, now),
        prepare: async (record) => {
          const job = readJob(record);
          const { version, scenario: found } = JSON.parse(await recipe(record.job)) as Recipe;
          if (version !== RECIPE_VERSION)
            throw new Error(`BadRecipe: version ${version} is not known here. Load the page again.`);
          const scenario = found as Scenario;
          const hashed = await hashInputs(scenario, (file) => files.read(file));
          if (!hashed.ok) throw new Error(`InputMissing: ${hashed.missing.join(', ')} could not be fetched.`);
          checkIdentity(scenario.name, scenarioIdentity(scenario, hashed.hashes), job);
          const prepared = await prepareFrom(
            scenario,
            { threads, ownThreads: threads > 1, form: 'wasm', skipRest: true },
            files,
          );
          checkKernels(prepared, job);
          checkWork(record, prepared);
          return prepared;
        },
        speed: DECLARED * threads,
        threads,
        earning: (run, step) => onNews({ type: 'earning', run, step }),
        report: (error) => onNews({ type: 'warning', message: error instanceof Error ? error.message : String(error) }),
      });
      leaving = async (patience) => {
        hosting.draining = true;
        const end = performance.now() + patience;
        while (hosting.hosted().length > 0 && transport.link === 'up' && performance.now() < end)
          await wallClock.wait(LOOK);
        await hosting.stop();
        await transport.close();
      };
      void ended.then(async (why) => {
        leaving = undefined;
        await hosting.stop();
        onNews({ type: 'ended', why });
      });
      onNews({ type: 'joined', node });
    },
    leave: async (patience) => leaving?.(patience),
  };
}
