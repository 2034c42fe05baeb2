declare module 'comlink/dist/esm/node-adapter.mjs' {
  import type { Endpoint } from 'comlink';
  /** Makes a worker or its parent port look like a web worker's port. */
  export default function nodeEndpoint(port: object): Endpoint;
}
