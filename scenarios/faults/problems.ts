/** One thing wrong with a table of sources: where, what, and how to cure it. */
export interface TableProblem {
  /** Line of the file, from 1; 0 for the file as a whole. */
  readonly line: number;
  /** Name of the column or header key. */
  readonly column?: string;
  /** The text found there. */
  readonly value?: string;
  readonly problem: string;
  readonly cure: string;
}

/** A table of sources that cannot be used. The message lists every problem. */
export class FaultTableError extends Error {
  readonly tag = 'FaultTableError';
  readonly fileName: string;
  readonly problems: readonly TableProblem[];

  constructor(fileName: string, problems: readonly TableProblem[]) {
    const count = problems.length === 1 ? '1 problem' : `${problems.length} problems`;
    super(
      `FaultTableError: ${count} in ${fileName}\n${problems.map((problem) => `  ${describe(fileName, problem)}`).join('\n')}`,
    );
    this.name = 'FaultTableError';
    this.fileName = fileName;
    this.problems = problems;
  }
}

function describe(fileName: string, { line, column, value, problem, cure }: TableProblem): string {
  const place = line > 0 ? `${fileName}:${line}` : fileName;
  const found = value === undefined ? '' : ` "${value}"`;
  return `${place}${column === undefined ? '' : ` ${column}`}:${found} ${problem}. ${cure}`;
}

/** Collects problems while a file is read; `finish` throws if there are any. */
export class ProblemList {
  readonly fileName: string;
  readonly problems: TableProblem[] = [];

  constructor(fileName: string) {
    this.fileName = fileName;
  }

  add(problem: TableProblem): void {
    this.problems.push(problem);
  }

  /** Throws FaultTableError if anything was added. */
  finish(): void {
    if (this.problems.length > 0) throw new FaultTableError(this.fileName, this.problems);
  }
}

/** What a column may hold. */
export interface NumberRange {
  readonly least?: number;
  readonly most?: number;
  readonly unit: string;
}

/** Reads a number, notes a problem and returns NaN if it is none or out of range. */
export function readNumber(text: string, range: NumberRange, line: number, column: string, list: ProblemList): number {
  const trimmed = text.trim();
  const value = trimmed === '' ? Number.NaN : Number(trimmed.replace(/^\+/, ''));
  const { least = Number.NEGATIVE_INFINITY, most = Number.POSITIVE_INFINITY, unit } = range;
  if (!Number.isFinite(value)) {
    const cure = `Write a decimal number in ${unit}, with a point and no unit.`;
    list.add({ line, column, value: text, problem: trimmed === '' ? 'is empty' : 'is not a number', cure });
    return Number.NaN;
  }
  if (value < least || value > most) {
    const span = `${least === Number.NEGATIVE_INFINITY ? '' : `from ${least} `}to ${most} ${unit}`;
    list.add({
      line,
      column,
      value: text,
      problem: `lies outside ${span}`,
      cure: `Check the value and that it is in ${unit}.`,
    });
    return Number.NaN;
  }
  return value;
}
