// The budget that takes a browser to measure, printed, never asserted: make bench
import type { Page } from '@playwright/test';
import { expectConnection } from './support/page';
import { expect, test } from './support/test';

const refreshes = 20;
/** Half the grace, so that a refresh stays unseen on a slow day, too; in milliseconds. */
const aim = 1_500;

/** One line of the server's log, as far as it concerns a connection. */
interface Line {
  message: string;
  at: number;
  connection: string;
}

function read(log: string): Line[] {
  return log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as { message: string; timestamp: string; connection_id: string })
    .map(({ message, timestamp, connection_id }) => ({ message, at: Date.parse(timestamp), connection: connection_id }));
}

/**
 * For each socket but the last: how long after its end its successor was registered, in milliseconds
 * by the server's clock. A successor that was there before the end leaves no gap.
 */
function gaps(log: string): number[] {
  const lines = read(log);
  const opened = lines.filter(({ message }) => message === 'connection_established');
  const closed = lines.filter(({ message }) => message === 'active_socket_closed');
  return opened.slice(1).flatMap((next, index) => {
    const end = closed.find(({ connection }) => connection === opened[index]?.connection);
    return end === undefined ? [] : [Math.max(0, next.at - end.at)];
  });
}

/** The sample that this share of them does not exceed. */
function percentile(samples: readonly number[], percent: number): number {
  return samples.toSorted((a, b) => a - b)[Math.ceil((samples.length * percent) / 100) - 1] ?? NaN;
}

/** One line of the table. */
function report(what: string, gap: number): void {
  const [measured, verdict] = [`${gap.toFixed(0)} ms`, gap > aim ? 'OVER' : ''];
  const how = `from the old socket's end to the new one's registration, ${refreshes} times`;
  console.log(`${what.padEnd(28)} | ${measured.padStart(8)} | ≤ ${aim} ms | ${verdict.padEnd(4)} | ${how}`);
}

async function slowDown(page: Page, rate: number): Promise<void> {
  const devTools = await page.context().newCDPSession(page);
  await devTools.send('Emulation.setCPUThrottlingRate', { rate });
}

test.use({ settings: { ROLLCALL_LOG__FORMAT: 'json' } });
// What is measured side by side slows each other down.
test.describe.configure({ mode: 'serial', timeout: 300_000 });

for (const rate of [1, 4]) {
  test(`the gap that a refresh leaves, CPU ${rate}x slower`, async ({ jane, server }) => {
    const before = gaps(server.log).length;
    await slowDown(jane, rate);
    for (let count = 1; count <= refreshes; count++) {
      await jane.reload();
      await expectConnection(jane, 'connected');
    }
    // The log is written a moment after what it tells of.
    await expect.poll(() => gaps(server.log).length).toBeGreaterThanOrEqual(before + refreshes);
    const samples = gaps(server.log).slice(-refreshes);
    for (const percent of [50, 95]) {
      const gap = percentile(samples, percent);
      report(`Refresh, CPU ${rate}x slower, p${percent}`, gap);
    }
  });
}
