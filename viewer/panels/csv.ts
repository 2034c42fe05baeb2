/** A table as RFC 4180 has it: a first row of names, `undefined` as nothing, CRLF. */
export function csv(names: readonly string[], rows: readonly (readonly (string | number | undefined)[])[]): string {
  return [names, ...rows].map((row) => `${row.map(cell).join(',')}\r\n`).join('');
}

function cell(value: string | number | undefined): string {
  if (value === undefined) return '';
  if (typeof value === 'number') return Number.isFinite(value) ? String(value) : '';
  return /[",\r\n]/.test(value) ? `"${value.replaceAll('"', '""')}"` : value;
}

/** Several series over one column of times; a cell is empty where a series has no value then. */
export function seriesRows(
  series: readonly { readonly seconds: readonly number[]; readonly values: readonly number[] }[],
): readonly (readonly (number | undefined)[])[] {
  const times = [...new Set(series.flatMap(({ seconds }) => seconds))].sort((a, b) => a - b);
  const columns = series.map(({ seconds, values }) => new Map(seconds.map((time, k) => [time, values[k]!])));
  return times.map((time) => [time, ...columns.map((column) => column.get(time))]);
}
