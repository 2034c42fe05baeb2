import { listAdapters } from './open-device.ts';

// A process of its own: a driver that breaks down takes nothing else along, and what it says is nobody's output.
process.stdout.write(JSON.stringify((await listAdapters()) ?? null));
