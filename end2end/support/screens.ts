import { test } from './test';

/** The colour schemes that every page has. */
export const colorSchemes = ['light', 'dark'] as const;

/** Defines tests once for a wide screen and once for a phone's, in CSS px. */
export function onEachScreen(define: (width: number, height: number) => void): void {
  for (const [width, height] of [
    [1_280, 800],
    [360, 740],
  ] as const) {
    test.describe(`at ${width} px`, () => {
      test.use({ viewport: { width, height } });
      define(width, height);
    });
  }
}
