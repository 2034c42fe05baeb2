import { Command, InvalidArgumentError, Option } from 'commander';
import { FORMS } from '../run/form.ts';
import { engineIdentity } from '../store/provenance.ts';
import { runCommand, startCommand } from './commands/run.ts';

const wholeNumber = (least: number) => (text: string) => {
  const value = Number(text);
  if (Number.isInteger(value) && value >= least && value <= 1024) return value;
  throw new InvalidArgumentError(`${text} is no whole number from ${least} to 1024.`);
};

const collect = (value: string, previous: readonly string[]) => [...previous, value];

function withRunOptions(command: Command): Command {
  return command
    .option(
      '--set <key=value>',
      'change a key of the scenario, as grid.cells=270; may be repeated',
      collect,
      [] as readonly string[],
    )
    .option('--small', 'run the scenario’s small version, made for tests', false)
    .option('--threads <n>', 'compute threads (default: one for each core)', wholeNumber(1))
    .addOption(new Option('--backend <form>', 'how kernels run; all give the same bits').choices(FORMS).default('wasm'))
    .option('--no-skip', 'compute tiles at rest too; slower, the same bits')
    .option('--output <directory>', 'where the results go (default: output/<name>)')
    .option('--json', 'JSON lines on standard output', false);
}

/** The whole command line. */
export function buildProgram(): Command {
  const program = new Command('terrella')
    .description('A digital twin of Earth: run a scenario, get the same bits as everybody else.')
    .version(engineIdentity().version)
    .exitOverride()
    .showSuggestionAfterError()
    .configureOutput({ outputError: (text, write) => write(`Usage: ${text.replace(/^error: /, '')}`) })
    .addHelpText(
      'after',
      `
Exit status: 0 done; 1 the run failed or is not as its scenario expects; 2 wrong usage or scenario; 130 interrupted.

Examples:
  terrella start                          run the default scenario and plot it
  terrella run maule-2010 --threads 2     one scenario, headless
  terrella run my.yaml --set grid.cells=270 --set grid.tile=90 --json`,
    );
  withRunOptions(program.command('start').argument('[scenario]', 'name or .yaml file', 'tohoku-2011'))
    .description('run a scenario with progress, score its gauges, draw its maps')
    .option('--headless', 'no maps, only results', false)
    .action(startCommand);
  withRunOptions(program.command('run').argument('<scenario>', 'name or .yaml file'))
    .description('run a scenario')
    .option('--replace', 'write over a run that is there', false)
    .action(runCommand);
  return program;
}
