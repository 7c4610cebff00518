// The page's budgets, measured and printed, never asserted: make bench
import { readdir, readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { brotliCompressSync } from 'node:zlib';
import { chatPath } from './support/page';
import { expect, test } from './support/test';

const site = join(import.meta.dirname, '../target/site/pkg');

/** One line: what, how much, and whether that is within the budget. */
function report(what: string, value: number, budget: number, unit: string): void {
  const verdict = value <= budget ? 'within' : 'OVER';
  console.log(`${what.padEnd(44)} ${value.toFixed(1).padStart(8)} ${unit}  ${verdict} the budget of ${budget} ${unit}`);
}

test('JavaScript and WASM with Brotli', async () => {
  const files = (await readdir(site)).filter((name) => /\.(js|wasm)$/.test(name));
  const sizes = await Promise.all(
    files.map(async (name) => brotliCompressSync(await readFile(join(site, name))).length / 1_000),
  );
  report('JavaScript and WASM with Brotli', sizes.reduce((sum, size) => sum + size, 0), 300, 'kB');
});

test('the first page with 50 messages', async ({ server, signInApi }) => {
  const john = await signInApi('john');
  for (let count = 1; count <= 50; count++) await john.send('general', `Message ${count} of the benchmark`);
  const headers = { Cookie: await john.cookies() };
  const times: number[] = [];
  for (let round = 0; round < 300; round++) {
    const start = performance.now();
    const response = await fetch(server.origin + chatPath('general'), { headers });
    await response.text();
    times.push(performance.now() - start);
    expect(response.status).toBe(200);
  }
  // The first requests also warm up this program.
  const sorted = times.slice(100).sort((a, b) => a - b);
  report('First page with 50 messages, median', sorted[100] ?? NaN, 10, 'ms');
  report('First page with 50 messages, 95th percentile', sorted[190] ?? NaN, 10, 'ms');
});
