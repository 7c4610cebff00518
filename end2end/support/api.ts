import { expect, request, type APIRequestContext } from '@playwright/test';
import { randomUUID } from 'node:crypto';

/** The password of every demo account. */
export const demoPassword = 'rollcall-demo';

interface Workspace {
  workspace_id: string;
  slug: string;
}

interface Chat {
  chat_id: string;
  slug: string;
}

/** Somebody who is signed in without a browser: a second person whose acts are exact. */
export class Api {
  readonly #http: APIRequestContext;

  private constructor(http: APIRequestContext) {
    this.#http = http;
  }

  /** Signs in. */
  static async signIn(origin: string, username: string): Promise<Api> {
    const http = await request.newContext({ baseURL: origin, extraHTTPHeaders: { Origin: origin } });
    const api = new Api(http);
    await api.#post('/api/v1/session', { username, password: demoPassword });
    return api;
  }

  /** Writes a message into a chat of the demo workspace, given by its part of the address. */
  async send(chat: string, text: string): Promise<void> {
    await this.#post(`/api/v1/chats/${await this.chatId(chat)}/messages`, { client_id: randomUUID(), text });
  }

  /** The id of a chat of the demo workspace. */
  async chatId(slug: string): Promise<string> {
    const workspaces = await this.#get<Workspace[]>('/api/v1/workspaces');
    const workspace = workspaces.find((each) => each.slug === 'flowra');
    const chats = await this.#get<Chat[]>(`/api/v1/workspaces/${workspace?.workspace_id}/chats`);
    const chat = chats.find((each) => each.slug === slug);
    if (chat === undefined) throw new Error(`There is no chat ${slug}, only ${JSON.stringify(chats)}`);
    return chat.chat_id;
  }

  /** The cookies of this sign-in, as a request sends them. */
  async cookies(): Promise<string> {
    const { cookies } = await this.#http.storageState();
    return cookies.map(({ name, value }) => `${name}=${value}`).join('; ');
  }

  /** Forgets the cookies. */
  async dispose(): Promise<void> {
    await this.#http.dispose();
  }

  async #get<Body>(path: string): Promise<Body> {
    const response = await this.#http.get(path);
    await expect(response, `GET ${path}`).toBeOK();
    return (await response.json()) as Body;
  }

  async #post(path: string, data: object): Promise<void> {
    await expect(await this.#http.post(path, { data }), `POST ${path}`).toBeOK();
  }
}
