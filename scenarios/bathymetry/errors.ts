export type BathymetryProblem =
  | 'FileNotFound'
  | 'NotAGrid'
  | 'TruncatedFile'
  | 'CorruptFile'
  | 'NoElevationVariable'
  | 'AmbiguousVariable'
  | 'NoCoordinates'
  | 'IrregularGrid'
  | 'CoordinateOutOfRange'
  | 'UnknownUnits'
  | 'AmbiguousSign'
  | 'ImplausibleElevation'
  | 'GridTooLarge'
  | 'NotCovered'
  | 'WrongCoordinates'
  | 'InvalidOption';

export interface BathymetryErrorParts {
  readonly tag: BathymetryProblem;
  readonly file?: string | undefined;
  readonly variable?: string | undefined;
  /** What was wrong, with the value. */
  readonly problem: string;
  readonly cure: string;
}

/** A bathymetry file or grid that cannot be used: which file and variable, what was wrong, the value, the cure. */
export class BathymetryError extends Error {
  override readonly name = 'BathymetryError';
  readonly tag: BathymetryProblem;
  readonly file: string | undefined;
  readonly variable: string | undefined;
  readonly cure: string;

  constructor(parts: BathymetryErrorParts) {
    const where = [parts.file, parts.variable && `variable ${parts.variable}`].filter(Boolean).join(', ');
    super(`${parts.tag}: ${where ? `${where}: ` : ''}${parts.problem} ${parts.cure}`);
    this.tag = parts.tag;
    this.file = parts.file;
    this.variable = parts.variable;
    this.cure = parts.cure;
  }
}
