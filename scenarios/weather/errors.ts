export type WeatherProblem =
  | 'NotGrib2'
  | 'TruncatedFile'
  | 'CorruptFile'
  | 'NotSupported'
  | 'FieldNotFound'
  | 'AmbiguousField'
  | 'NotGlobal'
  | 'ImplausibleWeather';

export interface WeatherErrorParts {
  readonly tag: WeatherProblem;
  readonly file?: string | undefined;
  /** Of the octet that is wrong, from the start of the file. */
  readonly offset?: number | undefined;
  /** What was wrong, with the value. */
  readonly problem: string;
  readonly cure: string;
}

/** A file of weather that cannot be used: where in it, what was wrong, the value, the cure. */
export class WeatherError extends Error {
  override readonly name = 'WeatherError';
  readonly tag: WeatherProblem;
  readonly offset: number | undefined;
  private readonly parts: WeatherErrorParts;

  constructor(parts: WeatherErrorParts) {
    const { tag, file, offset, problem, cure } = parts;
    const where = [file, offset !== undefined && `octet ${offset}`].filter(Boolean).join(', ');
    super(`${tag}: ${where ? `${where}: ` : ''}${problem} ${cure}`);
    this.tag = tag;
    this.offset = offset;
    this.parts = parts;
  }

  /** The same, with the file's name. */
  of(file: string): WeatherError {
    return new WeatherError({ ...this.parts, file });
  }
}
