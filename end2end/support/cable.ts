import { connect, createServer, type AddressInfo, type Server as Listener, type Socket } from 'node:net';
import { once } from 'node:events';

/** The network between one browser and the server: it can be cut, and silently swallow everything. */
export class Cable {
  readonly #listener: Listener;
  readonly #sockets = new Set<Socket>();
  #state: 'whole' | 'cut' | 'silent' = 'whole';

  private constructor(port: number) {
    this.#listener = createServer((near) => {
      this.#adopt(near);
      if (this.#state === 'cut') {
        near.destroy();
        return;
      }
      const far = connect(port, '127.0.0.1');
      this.#adopt(far);
      this.#forward(near, far);
      this.#forward(far, near);
    });
  }

  /** Lays one to a server's port. */
  static async to(port: number): Promise<Cable> {
    const cable = new Cable(port);
    cable.#listener.listen(0, '127.0.0.1');
    await once(cable.#listener, 'listening');
    return cable;
  }

  /** What the browser connects to instead of the server. */
  get origin(): string {
    return `http://127.0.0.1:${(this.#listener.address() as AddressInfo).port}`;
  }

  /** Breaks every connection, and refuses new ones. */
  cut(): void {
    this.#state = 'cut';
    for (const socket of this.#sockets) socket.destroy();
  }

  /** From now on nothing arrives on either side, and nobody is told. */
  swallow(): void {
    this.#state = 'silent';
  }

  /** Carries new connections again. */
  mend(): void {
    this.#state = 'whole';
  }

  /** Removes it. */
  async dispose(): Promise<void> {
    this.cut();
    this.#listener.close();
    await once(this.#listener, 'close');
  }

  #adopt(socket: Socket): void {
    this.#sockets.add(socket);
    // A broken connection is told by `close`, which follows.
    socket.on('error', () => undefined);
    socket.on('close', () => this.#sockets.delete(socket));
  }

  #forward(from: Socket, to: Socket): void {
    from.on('data', (chunk) => {
      if (this.#state !== 'silent') to.write(chunk);
    });
    from.on('close', () => to.destroy());
  }
}
