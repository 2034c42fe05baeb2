import type { RunProgress } from '../run/run-scenario.ts';

const clock = (seconds: number): string => {
  const minutes = Math.floor(seconds / 60);
  return `${String(Math.floor(minutes / 60)).padStart(2, '0')}:${String(minutes % 60).padStart(2, '0')}`;
};

const shortClock = (seconds: number): string =>
  `${String(Math.floor(seconds / 60)).padStart(2, '0')}:${String(Math.floor(seconds % 60)).padStart(2, '0')}`;

/** `tohoku-2011 42 % 04:12/10:00 | 128× real time | Δt 36.9 s C 1.40 | max 2.31 m | mass 3e-15 | …` */
export function progressLine(name: string, p: RunProgress): string {
  const left = p.step > 0 ? ((p.steps - p.step) * p.timeStep) / Math.max(p.realTimeFactor, 1e-9) : 0;
  return [
    `${name} ${Math.floor((100 * p.step) / p.steps)} % ${clock(p.seconds)}/${clock(p.duration)}`,
    `${Math.round(p.realTimeFactor)}× real time`,
    `Δt ${p.timeStep.toPrecision(3)} s C ${p.courant.toFixed(2)}`,
    `max ${p.maximumAmplitude.toPrecision(3)} m`,
    `mass ${p.massRelativeDrift === 0 ? '0' : p.massRelativeDrift.toExponential(0)}`,
    `${Math.round(100 * p.atRest)} % at rest`,
    ...(p.checkpointAgeSeconds === undefined ? [] : [`checkpoint ${Math.round(p.checkpointAgeSeconds)} s ago`]),
    `${shortClock(left)} left`,
  ].join(' | ');
}

/** Prints progress: JSON lines on standard output, or one line that renews itself in a terminal. */
export function progressPrinter(name: string, json: boolean): { show(progress: RunProgress): void; end(): void } {
  if (json) {
    return {
      show: (progress) => printEvent({ event: 'progress', scenario: name, ...progress }),
      end: () => {},
    };
  }
  const renews = process.stderr.isTTY;
  return {
    show: (progress) =>
      process.stderr.write(renews ? `\r\x1b[2K${progressLine(name, progress)}` : `${progressLine(name, progress)}\n`),
    end: () => {
      if (renews) process.stderr.write('\r\x1b[2K');
    },
  };
}

export function printEvent(event: Readonly<Record<string, unknown>>): void {
  process.stdout.write(`${JSON.stringify(event)}\n`);
}

/** Text for a person, on standard error where standard output belongs to JSON lines. */
export function say(json: boolean, text: string): void {
  (json ? process.stderr : process.stdout).write(`${text}\n`);
}

/** A plain table: columns aligned, the first to the left, the others to the right. */
export function table(rows: readonly (readonly string[])[]): string {
  const widths = rows[0]!.map((_, column) => Math.max(...rows.map((row) => [...row[column]!].length)));
  const pad = (text: string, column: number) => {
    const gap = ' '.repeat(widths[column]! - [...text].length);
    return column === 0 ? text + gap : gap + text;
  };
  return rows.map((row) => row.map(pad).join('  ').trimEnd()).join('\n');
}
