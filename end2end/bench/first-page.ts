import type { CDPSession, Page } from '@playwright/test';

/** How slow a machine and its connection are. */
export interface Profile {
  name: string;
  /** How many times slower than this machine. */
  cpu: number;
  /** In milliseconds, and bytes per second; nothing for one that is not slowed down. */
  network?: { latency: number; downloadThroughput: number; uploadThroughput: number };
}

const bytesPerSecond = (kilobits: number): number => (kilobits * 1_024) / 8;

/**
 * The machine and the connection of somebody with a phone of medium price, as Lighthouse takes them to be: `mobileSlow4G`
 * of its core/config/constants.js, in the variant for a browser that slows down each request.
 */
export const slow4G: Profile = {
  name: 'slow 4G',
  cpu: 4,
  network: {
    latency: 150 * 3.75,
    downloadThroughput: bytesPerSecond(1.6 * 1_024 * 0.9),
    uploadThroughput: bytesPerSecond(750 * 0.9),
  },
};

/** When the page was how far, in milliseconds since the browser set out to fetch it. */
export interface Milestones {
  /** Something is on screen. */
  painted: number;
  /** The messages are. */
  readable: number;
  /** It answers to what a person does. */
  interactive: number;
  /** The indicator says so. */
  connected: number;
}

export const kinds = ['document', 'style', 'script', 'wasm', 'other'] as const;
export type Kind = (typeof kinds)[number];

/** What one visit took. */
export interface Visit {
  milestones: Milestones;
  /** As they came over the network, with the headers, but for the parts that no page begins with. */
  bytes: Record<Kind, number>;
}

declare global {
  interface Window {
    milestones: Partial<Milestones>;
  }
}

/** A tab whose visits are measured. */
export class MeasuredTab {
  #bytes = nothing();
  /** What came without Brotli, and should not have. */
  readonly #plain: string[] = [];

  private constructor(
    private readonly page: Page,
    readonly devTools: CDPSession,
  ) {}

  static async open(page: Page, profile: Profile): Promise<MeasuredTab> {
    const devTools = await page.context().newCDPSession(page);
    const tab = new MeasuredTab(page, devTools);
    await devTools.send('Network.enable');
    await devTools.send('Emulation.setCPUThrottlingRate', { rate: profile.cpu });
    if (profile.network !== undefined) {
      await devTools.send('Network.emulateNetworkConditions', { offline: false, ...profile.network });
    }
    tab.#count();
    await page.addInitScript(watchMilestones);
    return tab;
  }

  /** Goes to a page that comes to life, and waits until it has. */
  async visit(path: string): Promise<Visit> {
    this.#bytes = nothing();
    await this.page.goto(path);
    await this.page.waitForFunction(() => {
      const { readable, interactive, connected } = window.milestones;
      return readable !== undefined && interactive !== undefined && connected !== undefined;
    });
    if (this.#plain.length > 0) throw new Error(`Came without Brotli: ${this.#plain.join(', ')}`);
    const milestones = await this.page.evaluate(() => ({ readable: NaN, interactive: NaN, connected: NaN, ...window.milestones }));
    return { milestones: { ...milestones, painted: await this.#painted() }, bytes: this.#bytes };
  }

  /** Goes to a page that comes to no life; gives when something was on screen. */
  async paint(path: string): Promise<number> {
    await this.page.goto(path);
    return this.#painted();
  }

  async #painted(): Promise<number> {
    const paint = await this.page.waitForFunction(() => performance.getEntriesByName('first-paint')[0]?.startTime);
    return (await paint.jsonValue()) ?? NaN;
  }

  /** Adds up what comes over the network. All but pictures has to come with Brotli. */
  #count(): void {
    const known = new Map<string, { kind: Kind; url: string; isPlain: boolean }>();
    this.devTools.on('Network.responseReceived', ({ requestId, type, response }) => {
      const { url, mimeType, headers } = response;
      const kind = kindOf(type, mimeType, url);
      if (kind === undefined) return;
      const encoding = Object.entries(headers).find(([name]) => name.toLowerCase() === 'content-encoding')?.[1];
      known.set(requestId, { kind, url, isPlain: encoding !== 'br' });
    });
    this.devTools.on('Network.loadingFinished', ({ requestId, encodedDataLength }) => {
      const response = known.get(requestId);
      if (response === undefined) return;
      this.#bytes[response.kind] += encodedDataLength;
      if (response.isPlain && response.kind !== 'other') this.#plain.push(response.url);
    });
  }
}

const nothing = (): Record<Kind, number> => ({ document: 0, style: 0, script: 0, wasm: 0, other: 0 });

/** Nothing for a part that is fetched once the page has come to life. */
function kindOf(type: string, mimeType: string, url: string): Kind | undefined {
  if (/\/(split|chunk)_[^/]*\.wasm$/.test(url)) return undefined;
  if (mimeType === 'application/wasm') return 'wasm';
  if (type === 'Document') return 'document';
  if (type === 'Stylesheet') return 'style';
  return type === 'Script' ? 'script' : 'other';
}

/** Runs in the page, before anything of its own. */
function watchMilestones(): void {
  const reached: Partial<Milestones> = (window.milestones = {});
  const reach = (milestone: keyof Milestones) => (reached[milestone] ??= performance.now());

  const look = () => {
    if (document.querySelector('.message[data-message-id]') === null) requestAnimationFrame(look);
    // Once this frame is on screen.
    else setTimeout(() => reach('readable'));
  };
  requestAnimationFrame(look);

  // What a person does is answered, once the tooltip opens for who points at it.
  const point = () => {
    const tooltip = document.querySelector('#ws-status-tooltip');
    const isOpen = tooltip?.classList.contains('open') ?? false;
    tooltip?.parentElement?.dispatchEvent(new PointerEvent(isOpen ? 'pointerleave' : 'pointerenter'));
    if (isOpen) reach('interactive');
    else setTimeout(point);
  };
  point();

  new MutationObserver((_, observer) => {
    if (document.querySelector('#ws-status[data-state=connected]') === null) return;
    reach('connected');
    observer.disconnect();
  }).observe(document, { subtree: true, childList: true, attributeFilter: ['data-state'] });
}
