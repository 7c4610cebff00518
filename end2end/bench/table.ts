/** One figure of the table. */
export interface Row {
  what: string;
  measured: number;
  /** What it should be at most, if that was agreed upon. */
  aim?: number;
  unit: string;
  how: string;
}

/** Prints one line of the table. */
export function report({ what, measured, aim, unit, how }: Row): void {
  const figure = `${measured.toFixed(unit === 'kB' ? 1 : 0)} ${unit}`;
  const limit = aim === undefined ? '' : `≤ ${aim} ${unit}`;
  const verdict = aim !== undefined && measured > aim ? 'OVER' : '';
  console.log(`${what.padEnd(44)} | ${figure.padStart(9)} | ${limit.padStart(9)} | ${verdict.padEnd(4)} | ${how}`);
}

/** The sample that this share of them does not exceed. */
export function percentile(samples: readonly number[], percent: number): number {
  return samples.toSorted((a, b) => a - b)[Math.ceil((samples.length * percent) / 100) - 1] ?? NaN;
}
