import type { Page } from '@playwright/test';

/** What a page's socket was told first, and when. */
interface Welcome {
  connection: string;
  at: number;
}

/** One line of the server's log, as far as it concerns a connection. */
interface Line {
  message: string;
  timestamp: string;
  connection_id: string;
}

/** How long after the end of a socket its successor was there; nothing, when it was before. In milliseconds. */
export interface Gap {
  /** It counts: from then on others cannot be told anything. */
  registered: number;
  /** It was greeted, and the page is live again. */
  welcomed: number;
}

/** Records the welcome of each socket that a page opens from now on, oldest first. */
export function recordWelcomes(page: Page): readonly Welcome[] {
  const welcomes: Welcome[] = [];
  page.on('websocket', (socket) => {
    socket.on('framereceived', ({ payload }) => {
      const frame = JSON.parse(payload.toString()) as { type: string; connection_id: string };
      if (frame.type === 'welcome') welcomes.push({ connection: frame.connection_id, at: Date.now() });
    });
  });
  return welcomes;
}

/** The gaps between sockets that followed each other, as far as the server's log tells of them. */
export function gaps(welcomes: readonly Welcome[], log: string): Gap[] {
  const lines = log
    .split('\n')
    .filter((line) => line.startsWith('{'))
    .map((line) => JSON.parse(line) as Line);
  const when = (message: string, connection: string | undefined): number => {
    const line = lines.find((line) => line.message === message && line.connection_id === connection);
    return line === undefined ? NaN : Date.parse(line.timestamp);
  };
  return welcomes
    .slice(1)
    .map(({ connection, at }, index) => {
      const end = when('active_socket_closed', welcomes[index]?.connection);
      const since = (moment: number) => Math.max(0, moment - end);
      return { registered: since(when('connection_established', connection)), welcomed: since(at) };
    })
    .filter(({ registered }) => !Number.isNaN(registered));
}
