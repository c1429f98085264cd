import { beforeEach, describe, expect, it } from 'vitest';
import { ApiError } from '../src/link/api_error';
import { createClient, kBackground, valueOf, type Client, type Confirmation } from '../src/link/client';

const kBase = 'http://gateway.test';
const answer = (status: number, body: unknown, headers: Record<string, string> = {}) =>
  new Response(status === 204 ? null : JSON.stringify(body), { status, headers: { 'content-type': 'application/json', ...headers } });
const refusal = (status: number, code: string, headers: Record<string, string> = {}) =>
  answer(status, { type: 'about:blank', title: code, status, code, detail: `said: ${code}`, request_id: 'r-1' }, headers);

// A gateway that gives the prepared answers, one a request, and a person who answers as prepared.
class Bench {
  answers: Response[] = [];
  requests: { method: string; path: string; headers: Headers; body: string }[] = [];
  asked: Confirmation[] = [];
  confirms = true;
  signedOut = 0;
  token: string | null = 'token-1';
  client: Client = createClient({
    base: kBase,
    door: {
      token: () => this.token,
      confirm: (ask) => {
        this.asked.push(ask);
        return Promise.resolve(this.confirms);
      },
      signedOut: () => (this.signedOut += 1),
    },
    fetch: async (request) => {
      const { method, headers } = request;
      this.requests.push({ method, headers, path: new URL(request.url).pathname, body: await request.text() });
      return this.answers.shift()!;
    },
  });
  async refused(call: Promise<unknown>): Promise<ApiError> {
    return await call.then(() => expect.unreachable('it was answered'), (error: unknown) => error as ApiError);
  }
}

describe('Client', () => {
  let bench = new Bench();
  const act = (how = {}) =>
    valueOf(bench.client.POST('/api/v1/alarms:silence', { body: { post: 'desk-1' }, headers: how }));
  const drop = (how = {}) =>
    valueOf(bench.client.DELETE('/api/v1/tokens/{id}', { params: { path: { id: 'a b/c' } }, headers: how }));
  beforeEach(() => {
    bench = new Bench();
  });

  it('proves what changes something with the session’s token, and nothing else', async () => {
    bench.answers = [answer(200, {}), answer(200, {})];
    await act();
    await valueOf(bench.client.GET('/api/v1/health'));
    expect(bench.requests.map(({ headers }) => headers.get('X-Firegate-Token'))).toEqual(['token-1', null]);
  });
  it('escapes what stands in a path', async () => {
    bench.answers = [answer(204, null)];
    await drop();
    expect(bench.requests[0]?.path).toBe('/api/v1/tokens/a%20b%2Fc');
  });
  it('marks what the page asks by itself', async () => {
    bench.answers = [answer(200, {})];
    await valueOf(bench.client.GET('/api/v1/health', { headers: kBackground }));
    expect(bench.requests[0]?.headers.get('X-Firegate-Background')).toBe('1');
  });
  it('asks for the PIN and repeats the request once, with the token of then', async () => {
    bench.answers = [refusal(403, 'pin_required'), answer(200, { post: 'desk-1' })];
    bench.confirms = true;
    const call = act();
    bench.token = 'token-2';
    await call;
    expect(bench.asked).toEqual(['pin']);
    expect(bench.requests.map(({ body }) => body)).toEqual(['{"post":"desk-1"}', '{"post":"desk-1"}']);
    expect(bench.requests[1]?.headers.get('X-Firegate-Token')).toBe('token-2');
  });
  it('repeats it once only', async () => {
    bench.answers = [refusal(403, 'pin_required'), refusal(403, 'pin_required')];
    expect((await bench.refused(act())).code).toBe('pin_required');
    expect(bench.asked).toHaveLength(1);
    expect(bench.requests).toHaveLength(2);
  });
  it('asks for the password where powers sleep', async () => {
    bench.answers = [refusal(403, 'password_required'), answer(200, {})];
    await act();
    expect(bench.asked).toEqual(['password']);
  });
  it('does not repeat what was not confirmed', async () => {
    bench.answers = [refusal(403, 'pin_required')];
    bench.confirms = false;
    expect((await bench.refused(act())).code).toBe('pin_required');
    expect(bench.requests).toHaveLength(1);
  });
  it('never brings up a dialog for what the page asks by itself', async () => {
    bench.answers = [refusal(403, 'password_required')];
    expect((await bench.refused(act(kBackground))).code).toBe('password_required');
    expect(bench.asked).toEqual([]);
  });
  it('takes a new key for the repeated request: the refusal is the first key’s answer for good', async () => {
    bench.answers = [refusal(403, 'pin_required'), answer(204, null)];
    await drop({ 'Idempotency-Key': 'k1' });
    expect(bench.requests.map(({ headers }) => headers.get('Idempotency-Key'))).toEqual(['k1', 'k1.confirmed']);
  });
  it('tells the page that the session has ended', async () => {
    bench.answers = [refusal(401, 'unauthenticated')];
    expect((await bench.refused(act())).code).toBe('unauthenticated');
    expect(bench.signedOut).toBe(1);
  });
  it('takes a wrong password or PIN for no end of the session', async () => {
    bench.answers = [refusal(401, 'unauthenticated'), refusal(401, 'unauthenticated')];
    await bench.refused(valueOf(bench.client.POST('/api/v1/session', { body: { user: 'a', password: 'b' } })));
    await bench.refused(valueOf(bench.client.POST('/api/v1/session:confirm', { body: { pin: '271828' } })));
    expect(bench.signedOut).toBe(0);
  });
  it('says how long to wait, and keeps the problem as it came', async () => {
    bench.answers = [refusal(429, 'too_many_attempts', { 'Retry-After': '12' })];
    const error = await bench.refused(act());
    expect(error.retryAfter).toBe(12);
    expect(error.problem?.detail).toBe('said: too_many_attempts');
    expect(error.problem?.request_id).toBe('r-1');
  });
  it('tells an answer that is no JSON from a gateway that does not answer', async () => {
    bench.answers = [new Response('<html>', { status: 502 })];
    expect((await bench.refused(act())).code).toBe('not_json');
    bench.answers = [];
    expect((await bench.refused(act())).code).toBe('unreachable');
  });
});
