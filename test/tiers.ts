import { describe, test } from 'vitest';

/**
 * Tests that need more than `npm ci`: another program, a device, a browser. Where that is missing, what is left out is
 * named with the one line that installs it; with TERRELLA_TEST=all a missing thing is a failure.
 */
export type Tier = (name: string, suite: () => void) => void;

export function tier(name: string, isAvailable: () => boolean, installHint: string): Tier {
  if (isAvailable()) return (suiteName, suite) => describe(suiteName, suite);
  const missing = `needs ${name}: ${installHint}`;
  if (process.env.TERRELLA_TEST === 'all') {
    return (suiteName) =>
      describe(suiteName, () => {
        test(`has ${name}`, () => {
          throw new Error(`${suiteName} ${missing}`);
        });
      });
  }
  return (suiteName, suite) => {
    // On standard error, where no reporter hides it.
    process.stderr.write(`left out: ${suiteName} (${missing})\n`);
    describe.skip(`${suiteName} [left out, ${missing}]`, suite);
  };
}
