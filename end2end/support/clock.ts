import { expect, type Page } from '@playwright/test';
import { enter, expectConnection, status, type Username } from './page';
import { recordSockets, type Attempt } from './recorders';

/** The longest wait between two attempts, with jitter, in milliseconds. */
const longestWait = 31_000;
const step = 250;

/** A person whose browser's time stands still until it is told to go on, from the moment of being connected. */
export class TimelessPage {
  private constructor(
    readonly page: Page,
    readonly attempts: () => Promise<Attempt[]>,
  ) {}

  static async enter(page: Page, username: Username): Promise<TimelessPage> {
    const attempts = await recordSockets(page);
    await page.clock.install();
    await enter(page, username);
    // Opens the tooltip, too, while its own timers still run.
    await status(page).hover();
    await expect(page.getByRole('tooltip')).toBeVisible();
    await page.clock.pauseAt(await page.evaluate(() => Date.now() + 1_000));
    return new TimelessPage(page, attempts);
  }

  /** Waits until the newest socket has closed, and returns when that was by the page's clock. */
  async closedAt(): Promise<number> {
    await expect.poll(async () => (await this.attempts()).at(-1)?.closedAt).toEqual(expect.any(Number));
    return (await this.attempts()).at(-1)?.closedAt ?? 0;
  }

  /** Lets time pass until the next attempt to connect, and returns how long it was in coming. */
  async untilNextAttempt(): Promise<number> {
    const lostAt = await this.closedAt();
    const known = (await this.attempts()).length;
    for (let passed = 0; passed <= longestWait; passed += step) {
      await this.page.clock.runFor(step);
      const next = (await this.attempts())[known];
      if (next !== undefined) return next.openedAt - lostAt;
    }
    throw new Error(`No attempt within ${longestWait} ms`);
  }

  /** Lets time pass until all attempts are used up. */
  async untilExhausted(): Promise<void> {
    await expectConnection(this.page, 'connecting');
    await expect
      .poll(
        async () => {
          await this.page.clock.runFor(5_000);
          return status(this.page).getAttribute('data-state');
        },
        { timeout: 45_000, intervals: [50] },
      )
      .toBe('disconnected');
  }

  /** Lets time flow again. */
  async resume(): Promise<void> {
    await this.page.clock.resume();
  }
}
