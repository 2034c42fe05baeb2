import { natsServerProgram } from '../../../workers/transport/broker.ts';
import { tier } from '../../tiers.ts';

/** Tests that talk to a real NATS server, on loopback. */
export const natsTier = tier(
  'nats-server',
  () => natsServerProgram() !== undefined,
  'apt-get install -y --no-install-recommends nats-server',
);
