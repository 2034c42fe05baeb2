import { existsSync } from 'node:fs';
import { statfs } from 'node:fs/promises';
import { freemem } from 'node:os';
import { dirname } from 'node:path';
import type { Grid } from '../../../engine/grid/grid.ts';
import { type StepLimits, stepLimits } from '../../../engine/simulation/step-limits.ts';
import { nodeInputFiles } from '../../../scenarios/node-input-files.ts';
import type { Machine } from '../../../scenarios/prediction.ts';
import { formatProblems, type Problem } from '../../../scenarios/problems.ts';
import { checkScenario, type Finding, formatFindings } from '../../../scenarios/sanity.ts';
import type { Scenario } from '../../../scenarios/scenario.ts';
import { makeBed } from '../../run/bed.ts';
import { estimateRun, measureSpeed } from '../../run/estimate.ts';
import { chooseStep, makeGrid, startOf } from '../../run/prepare.ts';
import { sanityFacts } from '../../run/sanity-facts.ts';
import { CliError, EXIT, errorTag } from '../errors.ts';
import { loadNamed, openCache } from '../load.ts';
import { threadsOf } from '../run-command.ts';
import { short } from '../run-directory.ts';
import { printEvent, say } from '../terminal.ts';

export interface ValidateOptions {
  readonly set: readonly string[];
  readonly small: boolean;
  readonly threads?: number;
  readonly json: boolean;
}

/** Loads scenarios and says everything that is wrong with them or odd. */
export async function validateCommand(names: readonly string[], options: ValidateOptions): Promise<void> {
  let speed: number | undefined;
  for (const name of names) {
    speed ??= await measureSpeed('float32');
    const { problems, findings, identity, scenario } = await validateOne(name, options, speed);
    const errors = findings.filter(({ severity }) => severity === 'error').length;
    const ok = problems.length === 0 && errors === 0;
    if (!ok) process.exitCode = EXIT.usage;
    if (options.json) {
      for (const problem of problems) printEvent({ event: 'problem', scenario: name, ...problem });
      for (const finding of findings) printEvent({ event: 'finding', scenario: name, ...finding });
      printEvent({
        event: 'validated',
        scenario: name,
        ok,
        identity,
        problems: problems.length,
        errors,
        warnings: findings.length - errors,
      });
    }
    const lines = [
      ...(problems.length > 0 ? [formatProblems(problems)] : []),
      ...(findings.length > 0 ? [formatFindings(findings)] : []),
      scenario && identity
        ? `${ok ? 'OK' : 'NOT OK'}: ${scenario.name}, identity ${short(identity)}${findings.length > 0 ? `, ${count(findings.length - errors, 'warning')}${errors > 0 ? `, ${count(errors, 'error')}` : ''}` : ''}`
        : `NOT OK: ${name}, ${count(problems.length, 'problem')}`,
    ];
    say(options.json, lines.join('\n'));
  }
}

const count = (number: number, what: string): string => `${number} ${what}${number === 1 ? '' : 's'}`;

interface Validated {
  readonly problems: readonly Problem[];
  readonly findings: readonly Finding[];
  readonly scenario?: Scenario;
  readonly identity?: string;
}

async function validateOne(name: string, options: ValidateOptions, speed: number): Promise<Validated> {
  try {
    const { scenario, identity } = await loadNamed(name, options);
    const findings = await findingsOf(scenario, threadsOf(options), speed);
    return { problems: [], findings, scenario, identity };
  } catch (error) {
    if (error instanceof CliError && Array.isArray(error.details.problems))
      return { problems: error.details.problems as Problem[], findings: [] };
    const tag = errorTag(error);
    if (!tag) throw error;
    const text = error instanceof Error ? error.message : String(error);
    const [message = text, cure = 'mend it and try again'] = splitCure(text.replace(`${tag}: `, ''));
    const place = { file: name, line: 1, column: 1, path: '' };
    return { problems: [{ ...place, message: `${tag}: ${message}`, cure }], findings: [] };
  }
}

/** The sentences of a message: what is wrong, and the rest, which cures it. */
function splitCure(text: string): string[] {
  const flat = text.replace(/\s*\n\s*/g, ' ').replace(/\.$/, '');
  const at = flat.indexOf('. ');
  return at < 0 ? [flat] : [flat.slice(0, at), flat.slice(at + 2)];
}

async function findingsOf(scenario: Scenario, threads: number, speed: number): Promise<readonly Finding[]> {
  const world = await worldOf(scenario);
  const facts = await sanityFacts(scenario, world);
  const { timeStep } = chooseStep(scenario, world.limits);
  const prediction = estimateRun(scenario, world.grid, { timeStep, threads, speed });
  return checkScenario(scenario, { ...facts, prediction, machine: await thisMachine(process.cwd()) });
}

/** Grid, bed and step limits of a scenario. */
export async function worldOf(
  scenario: Scenario,
): Promise<{ readonly grid: Grid; readonly bed: readonly Float64Array[]; readonly limits: StepLimits }> {
  const grid = makeGrid(scenario);
  if (scenario.model.equations !== 'tsunami') return { grid, ...(await startOf(scenario, grid, undefined)) };
  const bed = await makeBed(grid, scenario.grid.bathymetry, nodeInputFiles(await openCache()));
  const { gravity } = scenario.model.parameters;
  const start = scenario.initial.seaLevel;
  const limits = stepLimits(grid, (panel, cell) => Math.sqrt(gravity * Math.max(0, start - bed[panel]![cell]!)));
  return { grid, bed, limits };
}

/** What is free here: memory, and disk where the output would go. */
export async function thisMachine(directory: string): Promise<Required<Machine>> {
  let there = directory;
  while (!existsSync(there) && dirname(there) !== there) there = dirname(there);
  const { bavail, bsize } = await statfs(there);
  const available = (process as { availableMemory?: () => number }).availableMemory?.() ?? freemem();
  return { freeMemoryBytes: available, freeDiskBytes: bavail * bsize };
}
