import { createHash, type Hash } from 'node:crypto';
import digests from 'nats/lib/nats-base-client/js-sha256.js';

/** What the client for NATS calls for the digest of an object. */
interface Digests {
  readonly sha256: { create(): Pick<Hash, 'update' | 'digest'> };
}

/**
 * Has the client compute digests of stored objects by Node's own SHA-256: it brings one in JavaScript and lets nobody choose, and that
 * one was most of what a coordinator computed (40 MB/s, Node's 1200, measured). The client's module is no public part of it:
 * package.json therefore names one exact version of the client.
 */
export function digestNatively(): void {
  (digests as Digests).sha256.create = () => createHash('sha256');
}
