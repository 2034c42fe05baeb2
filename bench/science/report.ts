import { passes, type Row, type ScienceCase } from './science-case.ts';

const HEADINGS = ['case', 'resolution', 'figure', 'value', 'bar', '', 'seconds'] as const;

function barText({ bar, unit = '' }: Row): string {
  if (!bar) return '';
  const shown = (value: number) => `${short(value)}${unit && ` ${unit}`}`;
  if ('below' in bar) return `< ${shown(bar.below)}`;
  if ('above' in bar) return `> ${shown(bar.above)}`;
  return `${short(bar.between[0])} … ${shown(bar.between[1])}`;
}

const short = (value: number): string =>
  value === 0
    ? '0'
    : Math.abs(value) >= 0.01 && Math.abs(value) < 1e4
      ? String(Number(value.toPrecision(4)))
      : value.toExponential(2);

const cellsOf = (row: Row): string[] => [
  row.case,
  row.resolution,
  row.figure,
  `${short(row.value)}${row.unit ? ` ${row.unit}` : ''}`,
  barText(row),
  row.bar ? (passes(row) ? 'pass' : 'FAIL') : '',
  row.seconds.toPrecision(3),
];

const WIDTHS = [22, 16, 42, 12, 20, 5, 8] as const;

/** A line of the table for a terminal. */
export const rowLine = (row: Row): string =>
  cellsOf(row)
    .map((text, k) => text.padEnd(WIDTHS[k]!))
    .join(' ')
    .trimEnd();

export const headLine = (): string =>
  HEADINGS.map((text, k) => text.padEnd(WIDTHS[k]!))
    .join(' ')
    .trimEnd();

/** docs/science.md: the table of every case, with its plots. */
export function reportPage(
  cases: readonly ScienceCase[],
  rows: readonly Row[],
  plots: ReadonlyMap<string, readonly { readonly name: string; readonly title: string }[]>,
  machine: string,
): string {
  const lines = [
    '# Science report',
    '',
    `Made by \`npm run science\` on ${machine}. Norms are those of Williamson et al. (1992), relative to the exact field;`,
    '`mass` is the largest relative change. Bars are what the project asks of itself, with the published figures of other',
    'codes below each case.',
    '',
  ];
  for (const { name, title, reference } of cases) {
    const own = rows.filter((row) => row.case === name);
    if (own.length === 0) continue;
    lines.push(`## ${title}`, '', `\`${name}\`: ${reference}.`, '');
    lines.push('| resolution | figure | value | bar | | seconds |', '| --- | --- | --- | --- | --- | --- |');
    for (const row of own) lines.push(`| ${cellsOf(row).slice(1).join(' | ')} |`);
    lines.push('');
    const compared = COMPARISONS[name];
    if (compared) lines.push(compared, '');
    for (const plot of plots.get(name) ?? []) lines.push(`![${plot.title}](images/${plot.name}.png)`, '');
  }
  return `${lines.join('\n').trimEnd()}\n`;
}

/** What others report for the same tests. */
const COMPARISONS: Readonly<Record<string, string>> = {
  'williamson-2':
    'With midpoint fluxes, of second order, the same scheme has an l2 error of 2.2e-4 / 5.4e-5 / 1.4e-5 at N = 32 / 64 / 128.',
  'nair-lauritzen':
    'A finite-volume code of the FV3 kind has an l2 error of 3.5e-2 / 4.2e-3 / 6.5e-4 at N = 32 / 64 / 128.',
};
