import { parentPort } from 'node:worker_threads';
import * as Comlink from 'comlink';
import nodeEndpoint from 'comlink/dist/esm/node-adapter.mjs';
import { computeThread } from './joined-thread.ts';

if (parentPort) Comlink.expose(computeThread(), nodeEndpoint(parentPort));
