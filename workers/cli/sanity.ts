import { checkScenario, type Finding, formatFindings } from '../../scenarios/sanity.ts';
import type { PreparedRun } from '../run/prepare.ts';
import { sanityFacts } from '../run/sanity-facts.ts';
import { CliError, EXIT } from './errors.ts';
import { printEvent } from './terminal.ts';

/** Says what is odd about a run before it starts. Throws ScenarioRefused if no run should pass it, unless forced. */
export async function checkBeforeRun(
  prepared: PreparedRun,
  { json, force }: { readonly json: boolean; readonly force: boolean },
): Promise<void> {
  const facts = await sanityFacts(prepared.scenario, prepared);
  const findings = checkScenario(prepared.scenario, facts).filter(
    // Only a station with no water at all around it is moved, which is said below.
    ({ tag }) => tag !== 'StationOnLand',
  );
  for (const finding of [...findings, ...stationsOnLand(prepared)]) {
    if (json) printEvent({ event: 'warning', ...finding });
    process.stderr.write(`${formatFindings([finding])}\n`);
  }
  const errors = findings.filter(({ severity }) => severity === 'error');
  if (errors.length > 0 && !force) {
    const [first] = errors as [Finding];
    throw new CliError(
      'ScenarioRefused',
      `${first.path}: ${first.message}; ${first.cure}. To run it in spite of ${errors.length === 1 ? 'this' : `these ${errors.length}`}: --force.`,
      EXIT.usage,
      { findings: errors },
    );
  }
}

const stationsOnLand = ({ stations }: PreparedRun): Finding[] =>
  stations.flatMap(({ name, moved }) =>
    moved === undefined
      ? []
      : [
          {
            severity: 'warning' as const,
            tag: 'StationOnLand',
            path: `stations.${name}`,
            message: `${name} lies on land of this grid`,
            cure: `its record is of the nearest wet cell, ${(moved / 1000).toFixed(1)} km away`,
          },
        ],
  );
