/** A place on an axis: its value, and its text unless it is a minor tick. */
export interface Tick {
  readonly value: number;
  readonly text: string;
}

/** Step of 1, 2 or 5 × 10ⁿ that cuts `span` into about `count` pieces. */
export function roundStep(span: number, count: number): number {
  const rough = span / Math.max(1, count);
  const power = 10 ** Math.floor(Math.log10(rough));
  const lead = rough / power;
  const step = lead < 1.5 ? 1 : lead < 3.5 ? 2 : lead < 7.5 ? 5 : 10;
  return step * power;
}

/** Round ticks inside [low, high], about `count` of them, written with the fewest digits that tell them apart. */
export function linearTicks(low: number, high: number, count: number): Tick[] {
  if (!(high > low)) return [];
  return ticksEvery(low, high, roundStep(high - low, count));
}

/** Ticks at the multiples of `step` inside [low, high]. */
export function ticksEvery(low: number, high: number, step: number): Tick[] {
  const slack = step * 1e-9;
  const ticks: Tick[] = [];
  for (let k = Math.ceil((low - slack) / step); k * step <= high + slack; k++) {
    const value = Math.min(high, Math.max(low, k * step));
    ticks.push({ value, text: formatNumber(k * step, step) });
  }
  return ticks;
}

/** Minutes or hours after the origin: steps that a clock knows. `span` and steps in the same unit. */
export function clockStep(span: number, count: number, unit: 'seconds' | 'minutes' | 'hours'): number {
  const steps = unit !== 'hours' ? [1, 2, 5, 10, 15, 20, 30, 60] : [0.5, 1, 2, 3, 6, 12, 24, 48];
  return steps.find((step) => span / step <= count) ?? roundStep(span, count);
}

/** Ticks of a logarithmic axis inside [low, high], both above 0: whole powers, and 2 and 5 where there is room. */
export function logarithmicTicks(low: number, high: number, count: number): Tick[] {
  const decades = Math.log10(high / low);
  if (!(decades > 0)) return [];
  if (decades < 0.7) return linearTicks(low, high, count);
  const stride = Math.max(1, Math.ceil(decades / count));
  const leads = decades * 3 <= count + 1 ? [1, 2, 5] : decades * 2 <= count + 1 ? [1, 3] : [1];
  // Either all plain or all as powers of ten: a mixture reads badly.
  const isPlain = low >= 0.9e-3 && high <= 1.1e4;
  const ticks: Tick[] = [];
  for (let power = Math.floor(Math.log10(low)) - 1; power <= Math.ceil(Math.log10(high)); power++) {
    if (leads.length === 1 && power % stride !== 0) continue;
    for (const lead of leads) {
      const value = Number(`${lead}e${power}`);
      if (value >= low * (1 - 1e-9) && value <= high * (1 + 1e-9))
        ticks.push({ value, text: isPlain ? formatNumber(value, 10 ** Math.min(0, power)) : formatPower(lead, power) });
    }
  }
  return ticks;
}

/** Unlabelled ticks between the whole powers of a logarithmic axis. */
export function minorLogarithmicTicks(low: number, high: number): number[] {
  const values: number[] = [];
  for (let power = Math.floor(Math.log10(low)); power <= Math.ceil(Math.log10(high)); power++)
    for (let lead = 2; lead < 10; lead++) {
      const value = Number(`${lead}e${power}`);
      if (value > low && value < high) values.push(value);
    }
  return values;
}

/** A number with the digits that `step` calls for, and a true minus sign. */
export function formatNumber(value: number, step: number): string {
  const size = Math.abs(value);
  if (size < 1e-9 * step) return '0';
  if (size !== 0 && (size >= 1e6 || step < 1e-4)) return formatExponent(value);
  const digits = Math.max(0, Math.min(6, -Math.floor(Math.log10(step) + 1e-9)));
  const exact = Math.abs(step * 10 ** digits - Math.round(step * 10 ** digits)) > 1e-6 ? digits + 1 : digits;
  const text = size.toFixed(exact);
  return value < 0 && Number(text) !== 0 ? `−${text}` : text;
}

function formatPower(lead: number, power: number): string {
  if (power === 0) return String(lead);
  return lead === 1 ? `10${superscript(power)}` : `${lead}×10${superscript(power)}`;
}

function formatExponent(value: number): string {
  const [mantissa = '', exponent = '0'] = Math.abs(value).toExponential(3).split('e');
  const lead = String(Number(mantissa));
  const text = lead === '1' ? `10${superscript(Number(exponent))}` : `${lead}×10${superscript(Number(exponent))}`;
  return value < 0 ? `−${text}` : text;
}

export function superscript(power: number): string {
  return [...String(power)].map((character) => '⁻⁰¹²³⁴⁵⁶⁷⁸⁹'['-0123456789'.indexOf(character)] ?? '').join('');
}
