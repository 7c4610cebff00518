import { spawn, type ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const project = fileURLToPath(new URL('../..', import.meta.url));
const announcement = /^listening on http:\/\/(\S+)$/m;

/** How long a server may take to start or to stop, in milliseconds. */
const patience = 20_000;

/** The files that hold what it knows: the database, and SQLite's log of what was written last. */
const databaseFiles = ['rollcall.db', 'rollcall.db-wal'];

/** Settings of the server, as environment variables: `{ ROLLCALL_PRESENCE__OFFLINE_GRACE: '1s' }`. */
export type Settings = Readonly<Record<string, string>>;

/** A real server process with demo data of its own. Restarted, it keeps its address and its data. */
export class Server {
  /** All that it has printed since the first start. */
  log = '';

  readonly #data: string;
  readonly #settings: Settings;
  #address = '127.0.0.1:0';
  #process: ChildProcess | undefined;

  private constructor(data: string, settings: Settings) {
    this.#data = data;
    this.#settings = settings;
  }

  /** Starts one on a free port. */
  static async start(settings: Settings): Promise<Server> {
    const server = new Server(await mkdtemp(join(tmpdir(), 'rollcall-')), settings);
    try {
      await server.start();
    } catch (error) {
      await server.dispose();
      throw error;
    }
    return server;
  }

  /** Where it is: `http://127.0.0.1:40123`. */
  get origin(): string {
    return `http://${this.#address}`;
  }

  /** Its TCP port. */
  get port(): number {
    return Number(new URL(this.origin).port);
  }

  /** Starts it again, and waits until it listens. */
  async start(): Promise<void> {
    const child = spawn(
      join(project, 'scripts/rollcall.sh'),
      ['serve', '--listen', this.#address, '--data', this.#data, '--demo'],
      // No file of the project is near: the program is all that it takes.
      { cwd: this.#data, env: { ...process.env, NO_COLOR: '1', ROLLCALL_METRICS__LISTEN: '127.0.0.2:0', ...this.#settings }, stdio: ['ignore', 'pipe', 'pipe'] },
    );
    this.#process = child;
    this.#address = await new Promise<string>((resolve, reject) => {
      const late = setTimeout(() => reject(this.#failure('does not listen')), patience);
      let printed = '';
      const read = (chunk: Buffer) => {
        this.log += chunk;
        printed += chunk;
        const address = announcement.exec(printed)?.[1];
        if (address === undefined) return;
        clearTimeout(late);
        resolve(address);
      };
      child.stdout.on('data', read);
      child.stderr.on('data', read);
      child.on('error', reject);
      child.on('close', () => reject(this.#failure('ended before it listened')));
      child.on('close', () => clearTimeout(late));
    });
  }

  /** Asks it to end (SIGTERM), and waits until it has. */
  async stop(): Promise<void> {
    await this.#end('SIGTERM');
  }

  /** Lets it stand still, as one whose database does not answer (SIGSTOP), or go on. */
  freeze(isFrozen: boolean): void {
    this.#process?.kill(isFrozen ? 'SIGSTOP' : 'SIGCONT');
  }

  /** Ends it without warning (SIGKILL). */
  async kill(): Promise<void> {
    await this.#end('SIGKILL');
  }

  /**
   * Overwrites its database with zeros while it runs. What it has read since something was last
   * written it may still know. Gives what puts the data back; the server is to be started afterwards.
   */
  async damageData(): Promise<() => Promise<void>> {
    const files = databaseFiles.map((name) => join(this.#data, name));
    const whole = await Promise.all(files.map((file) => readFile(file)));
    // In place: the server has these very files open.
    const overwrite = async (contents: readonly Buffer[]) => {
      await Promise.all(files.map((file, index) => writeFile(file, contents[index] ?? '', { flag: 'r+' })));
    };
    await overwrite(whole.map(({ length }) => Buffer.alloc(length)));
    return async () => {
      await this.kill();
      await overwrite(whole);
    };
  }

  /** Ends it for good, and removes its data. */
  async dispose(): Promise<void> {
    await this.kill();
    await rm(this.#data, { recursive: true, force: true });
  }

  async #end(signal: NodeJS.Signals): Promise<void> {
    const child = this.#process;
    if (child === undefined || child.exitCode !== null || child.signalCode !== null) return;
    const ended = once(child, 'close');
    child.kill(signal);
    const late = setTimeout(() => child.kill('SIGKILL'), patience);
    await ended;
    clearTimeout(late);
    if (signal === 'SIGTERM' && child.signalCode === 'SIGKILL') throw this.#failure('did not stop');
  }

  #failure(what: string): Error {
    return new Error(`The server ${what}. Its log:\n${this.log}`);
  }
}
