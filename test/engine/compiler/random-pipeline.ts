import type { Pipeline, Precision, Stage, TileLayout } from '../../../engine/compiler/pipeline.ts';
import { layOutTile, SIDES } from '../../../engine/compiler/pipeline.ts';
import { type Kernel, unlikely } from '../../../engine/kernels/kernel.ts';

const CELL_FIELDS = ['a', 'b', 'c', 'd'];
const PARAMS = ['p', 'q'];
export const STRIP_FIELDS = ['line', 'cells'];

export interface RandomCase {
  readonly pipeline: Pipeline;
  readonly layout: TileLayout;
  readonly stripLayout: TileLayout;
}

/** A pipeline of random kernels, given as text; it may break a rule of the planner. Tame ones make no NaN of numbers. */
export function randomCase(random: () => number, precision: Precision, tame = false): RandomCase {
  const whole = (n: number) => Math.floor(random() * n);
  const pick = <T>(list: readonly T[]): T => list[whole(list.length)]!;
  const layout = layOutTile(precision, 1 + whole(11), 1 + whole(7), 3, [
    ...CELL_FIELDS.map((name) => ({ name, shape: 'cell' as const })),
    { name: 'column', shape: 'column' },
    { name: 'row', shape: 'row' },
  ]);
  const stripLayout = layOutTile(precision, 12, 1, 2, [
    { name: 'line', shape: 'column' },
    { name: 'cells', shape: 'cell' },
  ]);
  const stages: Stage[] = [];
  const transients: string[] = [];
  /** Fields that earlier stages have written: readable in their own cell only. */
  const written = new Set<string>();
  const count = 1 + whole(4);
  for (let s = 0; s < count; s++) {
    const last = s === count - 1;
    const reads = [
      ...new Set([...CELL_FIELDS, 'column', 'row', ...transients, ...transients].filter(() => random() < 0.6)),
    ];
    if (reads.length === 0) reads.push('a');
    const results = last || random() < 0.3 ? ['x', 'y'].slice(0, 1 + whole(2)) : ['x', 'y', 'z'].slice(0, 1 + whole(3));
    const bind: Record<string, string> = {};
    const targets = [...CELL_FIELDS].sort(() => random() - 0.5);
    for (const result of results) {
      if (last || random() < 0.25) bind[result] = targets.pop()!;
      else {
        bind[result] = `t${s}${result}`;
        transients.push(`t${s}${result}`);
      }
    }
    for (const target of Object.values(bind)) if (CELL_FIELDS.includes(target)) written.add(target);
    const fixed = random() < 0.1 ? new Set<string>() : written;
    stages.push({ kernel: randomKernel(random, `random${s}`, reads, results, fixed, tame), bind });
  }
  const maximum = transients.length > 0 && random() < 0.5 ? pick(transients) : undefined;
  const overrides = transients
    .filter(() => random() < 0.4)
    .flatMap((transient) =>
      SIDES.filter((side) => random() < (side === 'west' || side === 'south' ? 0.5 : 0.1)).map((side) => ({
        transient,
        side,
        from: pick(STRIP_FIELDS),
      })),
    );
  return {
    pipeline: { name: 'random', stages, stripLayout, overrides, ...(maximum === undefined ? {} : { maximum }) },
    layout,
    stripLayout,
  };
}

export function randomKernel(
  random: () => number,
  name: string,
  reads: readonly string[],
  writes: readonly string[],
  fixed: ReadonlySet<string>,
  tame = false,
): Kernel {
  const whole = (n: number) => Math.floor(random() * n);
  const pick = <T>(list: readonly T[]): T => list[whole(list.length)]!;
  const reach = whole(3);
  const locals: string[] = [];
  const size = 2 + whole(4);
  const offset = () => (random() < 0.5 ? 0 : whole(2 * reach + 1) - reach);

  const leaf = (): string => {
    const r = random();
    if (r < 0.35 && locals.length > 0) return pick(locals);
    if (r < 0.8) {
      const field = pick(reads);
      return fixed.has(field) ? `${field}(0, 0)` : `${field}(${offset()}, ${offset()})`;
    }
    if (r < 0.9) return pick(PARAMS);
    return pick(['0', '1', '(-1)', '2', '0.5', '3', '0.1', '(-0)', '1e-3', '1 / 60', '16']);
  };
  const number = (depth: number): string => {
    if (depth <= 0) return leaf();
    const [x, y] = [() => number(depth - 1 - whole(2)), () => number(depth - 1 - whole(2))];
    const r = random();
    if (r < 0.2) return `(${x()} + ${y()})`;
    if (r < 0.35) return `(${x()} - ${y()})`;
    if (r < 0.52) return `(${x()} * ${y()})`;
    if (r < 0.6) return tame ? `(${x()} / (1 + Math.abs(${y()})))` : `(${x()} / ${y()})`;
    if (r < 0.65) return `(-${leaf()})`;
    if (r < 0.7) return `Math.abs(${x()})`;
    if (r < 0.75) return tame ? `Math.sqrt(Math.abs(${x()}))` : `Math.sqrt(${x()})`;
    if (r < 0.8) return `Math.${pick(['min', 'max'])}(${x()}, ${y()})`;
    if (r < 0.87) {
      const [u, v] = [leaf(), leaf()];
      return `(${u} ${pick(['<', '>'])} ${v} ? ${u} : ${v})`;
    }
    return `(${condition(depth - 1)} ? ${x()} : ${y()})`;
  };
  const condition = (depth: number): string => {
    const r = random();
    if (depth > 0 && r < 0.15) return `(${condition(depth - 1)} && ${condition(depth - 1)})`;
    if (depth > 0 && r < 0.3) return `(${condition(depth - 1)} || ${condition(depth - 1)})`;
    if (depth > 0 && r < 0.4) return `!${condition(depth - 1)}`;
    if (depth > 0 && r < 0.6) return `unlikely(${condition(depth - 1)})`;
    return `(${number(depth - 1)} ${pick(['<', '<=', '>', '>=', '===', '!=='])} ${number(depth - 1)})`;
  };

  const lines: string[] = [];
  const statements = 1 + whole(6);
  for (let k = 0; k < statements; k++) {
    const variable = `v${k}`;
    const r = random();
    if (r < 0.6) lines.push(`const ${variable} = ${number(size)};`);
    else if (r < 0.75)
      lines.push(
        `let ${variable} = ${number(2)}; if (${condition(2)}) { ${variable} = ${number(2)}; } else ${variable} *= ${leaf()};`,
      );
    else if (r < 0.9)
      lines.push(
        `const f${k} = (x, y) => { if (${condition(1)}) return x * y; return x - ${leaf()}; }; const ${variable} = f${k}(${leaf()}, ${leaf()});`,
      );
    else
      lines.push(
        `const rare${k} = unlikely(${condition(1)}); const o${k} = rare${k} ? { m: ${number(3)}, n: [${leaf()}] } : { m: ${number(2)}, n: [${leaf()}] }; const ${variable} = o${k}.m - o${k}.n[0];`,
      );
    locals.push(variable);
  }
  // One condition over several results exercises joint branches.
  if (random() < 0.5) {
    lines.push(`const joint = unlikely(${condition(1)});`);
    locals.push(...writes.map((_, k) => `(joint ? ${number(3)} : v${k % statements})`));
  }
  const results = writes.map((result) => `${result}: ${number(2)}`).join(', ');
  const text = `return ({ ${reads.join(', ')} }, { ${PARAMS.join(', ')} }) => {\n  ${lines.join('\n  ')}\n  return { ${results} };\n}`;
  const body = new Function('unlikely', text)(unlikely) as Kernel['body'];
  return { name, reads, writes, params: PARAMS, uses: () => ({ unlikely }), body };
}
