// The budgets that take a browser to measure, printed, never asserted: make bench
import type { BrowserContextOptions } from '@playwright/test';
import { kinds, MeasuredTab, slow4G, type Profile, type Visit } from './bench/first-page';
import { gaps, recordWelcomes } from './bench/refresh';
import { percentile, report } from './bench/table';
import { chatPath, enter, expectConnection } from './support/page';
import { recordPresence } from './support/recorders';
import { expect, test } from './support/test';

const refreshes = 20;
/** Half the grace, so that a refresh stays unseen on a slow day, too; in milliseconds. */
const longestGap = 1_500;

const visits = 9;
/** As many messages as a page has. */
const messages = Array.from({ length: 50 }, (_, index) => `Message ${index + 1} of a page, a sentence long.`);
/** Until the page answers, with a CPU that is 4 times slower; in milliseconds. */
const longestWait = 1_500;
/** JavaScript and WASM that a page begins with, in kB. */
const largestProgram = 250;

const loopback: Profile = { name: 'loopback', cpu: 4 };

test.use({ settings: { ROLLCALL_LOG__FORMAT: 'json' } });
// What is measured side by side slows each other down.
test.describe.configure({ mode: 'serial', timeout: 300_000 });

for (const profile of [loopback, slow4G]) {
  test(`the first page, ${profile.name}`, async ({ newContext, signInApi }) => {
    await (await signInApi('john')).send('general', ...messages);
    const signedIn = await newContext();
    await enter(await signedIn.newPage(), 'jane');
    const storageState = await signedIn.storageState();
    await signedIn.close();

    const visit = async (options: BrowserContextOptions): Promise<[first: Visit, again: Visit]> => {
      const context = await newContext(options);
      const tab = await MeasuredTab.open(await context.newPage(), profile);
      const measured = [await tab.visit(chatPath('general')), await tab.visit(chatPath('general'))] as const;
      await context.close();
      return [...measured];
    };
    const paint = async (): Promise<number> => {
      const context = await newContext();
      const tab = await MeasuredTab.open(await context.newPage(), profile);
      const painted = await tab.paint('/sign-in');
      await context.close();
      return painted;
    };
    // What the machine does for the first time does not count.
    await visit({ storageState });
    const measured: [first: Visit, again: Visit][] = [];
    const floor: number[] = [];
    while (measured.length < visits) {
      floor.push(await paint());
      measured.push(await visit({ storageState }));
    }

    report({
      what: 'A page without a program, painted',
      measured: percentile(floor, 50),
      unit: 'ms',
      how: `the floor: the sign-in page, ${circumstances(profile)}`,
    });
    reportVisits('First page', profile, measured.map(([first]) => first));
    reportVisits('The same page again', profile, measured.map(([, again]) => again));
  });
}

const circumstances = (profile: Profile): string =>
  `${profile.name}, CPU ${profile.cpu}x slower, median of ${visits}`;

/** Adds the medians of visits to the table. The aims are for a first page on loopback. */
function reportVisits(what: string, profile: Profile, measured: readonly Visit[]): void {
  const isAimedAt = what === 'First page' && profile === loopback;
  const of = circumstances(profile);
  const median = (figure: (visit: Visit) => number) => percentile(measured.map(figure), 50);
  for (const kind of kinds) {
    const kB = median(({ bytes }) => bytes[kind] / 1_000);
    report({ what: `${what}, bytes: ${kind}`, measured: kB, unit: 'kB', how: of });
  }
  const program = median(({ bytes: { script, wasm } }) => (script + wasm) / 1_000);
  const aims = isAimedAt ? { program: { aim: largestProgram }, interactive: { aim: longestWait } } : {};
  report({ what: `${what}, JavaScript and WASM`, measured: program, ...aims.program, unit: 'kB', how: of });
  for (const milestone of ['painted', 'readable', 'interactive', 'connected'] as const) {
    const ms = median(({ milestones }) => milestones[milestone]);
    const aim = milestone === 'interactive' ? aims.interactive : {};
    report({ what: `${what}, ${milestone}`, measured: ms, ...aim, unit: 'ms', how: of });
  }
}

for (const rate of [1, 4]) {
  test(`the gap that a refresh leaves, CPU ${rate}x slower`, async ({ jane, john, server }) => {
    const devTools = await jane.context().newCDPSession(jane);
    await devTools.send('Emulation.setCPUThrottlingRate', { rate });
    const welcomes = recordWelcomes(jane);
    const seen = await recordPresence(john);
    // The first one has no predecessor that was recorded.
    for (let count = 0; count <= refreshes; count++) {
      await jane.reload();
      await expectConnection(jane, 'connected');
    }
    // The log is written a moment after what it tells of.
    await expect.poll(() => gaps(welcomes, server.log).length).toBe(refreshes);
    const measured = gaps(welcomes, server.log);
    const how = `after the old socket's end, ${refreshes} times`;
    for (const percent of [50, 95]) {
      const what = `Refresh, CPU ${rate}x slower, p${percent}`;
      const registered = percentile(measured.map(({ registered }) => registered), percent);
      report({ what: `${what}: registered`, measured: registered, aim: longestGap, unit: 'ms', how });
      const welcomed = percentile(measured.map(({ welcomed }) => welcomed), percent);
      report({ what: `${what}: welcomed`, measured: welcomed, unit: 'ms', how });
    }
    const changes = (await seen.changes()).length;
    report({
      what: `Refresh, CPU ${rate}x slower: seen by another`,
      measured: changes,
      aim: 0,
      unit: 'changes',
      how: `of presence and counts, on another person's page, in ${refreshes + 1} refreshes`,
    });
  });
}
