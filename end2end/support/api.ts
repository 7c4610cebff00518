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

  /** Writes messages, one after the other, into a chat of the demo workspace, given by its part of the address. */
  async send(chat: string, ...texts: readonly string[]): Promise<void> {
    const path = `/api/v1/chats/${await this.chatId(chat)}/messages`;
    for (const text of texts) await this.#post(path, { client_id: randomUUID(), text });
  }

  /** Makes a private chat in the demo workspace, with members besides oneself. */
  async createPrivateChat(name: string, ...usernames: readonly string[]): Promise<void> {
    const path = `/api/v1/workspaces/${await this.#workspaceId()}/chats`;
    const { chat_id } = await this.#post<Chat>(path, { name, is_private: true });
    for (const username of usernames) await this.#post(`/api/v1/chats/${chat_id}/members`, { username });
  }

  /** The id of a chat of the demo workspace. */
  async chatId(slug: string): Promise<string> {
    const chats = await this.#get<Chat[]>(`/api/v1/workspaces/${await this.#workspaceId()}/chats`);
    const chat = chats.find((each) => each.slug === slug);
    if (chat === undefined) throw new Error(`There is no chat ${slug}, only ${JSON.stringify(chats)}`);
    return chat.chat_id;
  }

  /** Adds somebody to a chat. */
  async addMember(chat: string, username: string): Promise<void> {
    await this.#post(`/api/v1/chats/${await this.chatId(chat)}/members`, { username });
  }

  /** Asks somebody to be friends; accepts when they have asked already. */
  async askFriend(username: string): Promise<void> {
    await this.#post('/api/v1/friends', { username });
  }

  /** Writes messages, one after the other, into the direct chat with others, which is made if there is none. */
  async sendDirect(others: readonly Api[], ...texts: readonly string[]): Promise<void> {
    const user_ids = await Promise.all(others.map((other) => other.userId()));
    const path = `/api/v1/workspaces/${await this.#workspaceId()}/direct`;
    const { chat_id } = await this.#post<Chat>(path, { user_ids });
    for (const text of texts) await this.#post(`/api/v1/chats/${chat_id}/messages`, { client_id: randomUUID(), text });
  }

  /** One's own id. */
  async userId(): Promise<string> {
    return (await this.#get<{ user_id: string }>('/api/v1/me')).user_id;
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

  async #workspaceId(): Promise<string | undefined> {
    const workspaces = await this.#get<Workspace[]>('/api/v1/workspaces');
    return workspaces.find((each) => each.slug === 'flowra')?.workspace_id;
  }

  async #get<Body>(path: string): Promise<Body> {
    const response = await this.#http.get(path);
    await expect(response, `GET ${path}`).toBeOK();
    return (await response.json()) as Body;
  }

  async #post<Body>(path: string, data: object): Promise<Body> {
    const response = await this.#http.post(path, { data });
    await expect(response, `POST ${path}`).toBeOK();
    const text = await response.text();
    return (text === '' ? undefined : JSON.parse(text)) as Body;
  }
}
