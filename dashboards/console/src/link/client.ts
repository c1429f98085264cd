// The client of the gateway's API: openapi-fetch over the types generated from openapi.yaml, and what the door asks of every request
// that a browser makes. The page's side of it (who is signed in, the dialogs) is behind Door.
import createFetchClient, { type Client as FetchClient } from 'openapi-fetch';
import type { paths } from '../api/schema';
import type { Problem } from '../contract';
import { ApiError } from './api_error';

const kTimeout = 10_000; // ms
const kRead = new Set(['GET', 'HEAD']);
// A 401 of these says that what was typed is wrong, not that the session has ended.
const kAskWhoOneIs = new Set(['/api/v1/session', '/api/v1/session:confirm', '/api/v1/account/password', '/api/v1/account/pin']);

export type Confirmation = 'pin' | 'password';
const kAsks: Record<string, Confirmation> = { pin_required: 'pin', password_required: 'password' };

export interface Door {
  token(): string | null; // what proves that the request comes from our page
  confirm(ask: Confirmation): Promise<boolean>; // asks the person; true once the gateway has accepted the answer
  signedOut(): void;
}

// For requests that the page makes by itself: they keep no powers awake, and never bring up a dialog.
export const kBackground = { 'X-Firegate-Background': '1' } as const;
export const kForeground = {} as const;
export type How = { [name: string]: string };

export type Client = FetchClient<paths>;
export interface ClientOptions {
  base: string; // origin of the gateway
  door: Door;
  fetch(request: Request): Promise<Response>;
}

export function createClient(options: ClientOptions): Client {
  return createFetchClient<paths>({
    baseUrl: options.base,
    headers: { accept: 'application/json' },
    fetch: (request) => new Exchange(options, request).run(),
  });
}

// One request, repeated once where the person has to confirm it first.
class Exchange {
  #options: ClientOptions;
  #request: Request;

  constructor(options: ClientOptions, request: Request) {
    this.#options = options;
    this.#request = request;
  }

  async run(): Promise<Response> {
    const response = await this.#send(this.#request.clone());
    if (response.status === 401 && !kAskWhoOneIs.has(new URL(this.#request.url).pathname)) this.#options.door.signedOut();
    if (response.status !== 403 || this.#background()) return response;
    const ask = kAsks[await codeOf(response.clone())];
    if (!ask || !(await this.#options.door.confirm(ask))) return response;
    return this.#send(this.#repeated());
  }

  #background(): boolean {
    return this.#request.headers.has('X-Firegate-Background');
  }

  // The first answer to an idempotency key is its answer for good: what was refused for want of a PIN goes under a key of its own.
  #repeated(): Request {
    const request = this.#request.clone();
    const key = request.headers.get('Idempotency-Key');
    if (key) request.headers.set('Idempotency-Key', `${key}.confirmed`);
    return request;
  }

  #send(request: Request): Promise<Response> {
    const token = this.#options.door.token();
    if (token && !kRead.has(request.method)) request.headers.set('X-Firegate-Token', token);
    return this.#options.fetch(new Request(request, { signal: AbortSignal.timeout(kTimeout) }));
  }
}

async function codeOf(response: Response): Promise<string> {
  try {
    return ((await response.json()) as Partial<Problem>).code ?? '';
  } catch {
    return '';
  }
}

interface Answer<T> {
  data?: T;
  error?: unknown;
  response: Response;
}

// What the gateway answered; an ApiError where it refused or could not be reached.
export async function valueOf<T>(call: Promise<Answer<T>>): Promise<T> {
  return (await taggedOf(call)).value;
}

export interface Tagged<T> {
  value: T;
  tag: string; // what it is at now, to be given back with a change; empty where it has none
}
export async function taggedOf<T>(call: Promise<Answer<T>>): Promise<Tagged<T>> {
  let answer: Answer<T>;
  try {
    answer = await call;
  } catch (error) {
    throw new ApiError(error instanceof SyntaxError ? 'not_json' : 'unreachable', String(error));
  }
  const { data, error, response } = answer;
  if (response.ok) return { value: data as T, tag: response.headers.get('ETag') ?? '' };
  if (typeof error !== 'object' || error === null) throw new ApiError('not_json', `status ${response.status}, expected JSON`);
  const problem = error as Problem;
  throw new ApiError(problem.code ?? String(response.status), problem.detail ?? problem.title ?? '', problem, secondsOf(response));
}

function secondsOf(response: Response): number | null {
  const seconds = Number.parseInt(response.headers.get('Retry-After') ?? '', 10);
  return Number.isNaN(seconds) ? null : seconds;
}
