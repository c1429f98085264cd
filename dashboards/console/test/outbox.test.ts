import 'fake-indexeddb/auto';
import { describe, expect, it } from 'vitest';
import { ApiError } from '../src/link/api_error';
import type { Problem } from '../src/contract';
import type { Act } from '../src/state/acts_on_site';
import { countOf, nextOf, outcomeOf, type Job } from '../src/state/outbox';
import { OutboxRunner } from '../src/state/outbox_runner';
import { openJobs, Passing, type JobStore } from '../src/state/outbox_store';
import { at } from './support';

const refusal = (status: number, code: Problem['code'], detail: string = code) =>
  new ApiError(code, detail, { type: 'about:blank', title: code, status, code, detail, request_id: 'r' });
const test = (device: string): Act => ({ kind: 'test', device, name: device, minutes: 30 });
const job = (no: number, act: Act, more: Partial<Job> = {}): Job => ({ no, key: `k${no}`, person: 'p', at: at(no), act, refused: null, ...more });
const kRefused = { code: 'refused', detail: '', problem: null };

describe('Jobs', () => {
  it('go the oldest first, each in the name of who did it', () => {
    const jobs = [job(1, test('a'), { person: 'q' }), job(2, test('b')), job(3, test('c'))];
    expect(nextOf(jobs, 'p')?.no).toBe(2);
    expect(nextOf(jobs, 'q')?.no).toBe(1);
    expect(nextOf(jobs, 'nobody')).toBeNull();
  });
  it('wait behind a refused one about the same thing, and no other', () => {
    const jobs = [job(1, test('a'), { refused: kRefused }), job(2, test('a')), job(3, test('b'))];
    expect(nextOf(jobs, 'p')?.no).toBe(3);
    expect(nextOf(jobs.slice(0, 2), 'p')).toBeNull();
  });
  it('are counted apart: waiting, refused, those of others', () => {
    expect(countOf([job(1, test('a')), job(2, test('b'), { refused: kRefused }), job(3, test('c'), { person: 'q' })], 'p')).toEqual({ waiting: 1, refused: 1, others: 1 });
  });
  it.each([
    [new ApiError('unreachable', ''), 'later'], [refusal(503, 'overloaded'), 'later'], [refusal(429, 'too_many_requests'), 'later'],
    [refusal(409, 'refused', 'reading Idempotency-Key "k": its first request is being answered'), 'later'],
    [refusal(401, 'unauthenticated'), 'ask'], [refusal(403, 'password_required'), 'ask'],
    [refusal(409, 'refused'), 'refused'], [refusal(404, 'not_found'), 'refused'], [refusal(403, 'forbidden'), 'refused'], [refusal(400, 'bad_input'), 'refused'],
  ] as const)('%s: %s', (error, outcome) => expect(outcomeOf(error)).toBe(outcome));
});

// A gateway that keeps the first answer to every key, over a link that loses requests and answers.
class Far {
  link: 'up' | 'down' | 'deaf' = 'up'; // deaf: requests arrive, answers do not
  readonly done: Job[] = [];
  readonly refuses = new Set<string>(); // devices
  #answers = new Map<string, ApiError | string>();

  send = (job: Job): Promise<string> => {
    if (this.link === 'down') return Promise.reject(new ApiError('unreachable', 'no link'));
    let answer = this.#answers.get(job.key);
    if (answer === undefined) {
      answer = 'device' in job.act && this.refuses.has(job.act.device) ? refusal(409, 'refused') : 'ok';
      if (answer === 'ok') this.done.push(job);
      this.#answers.set(job.key, answer);
    }
    if (this.link === 'deaf') return Promise.reject(new ApiError('unreachable', 'the answer was lost'));
    return answer instanceof ApiError ? Promise.reject(answer) : Promise.resolve(answer);
  };
}

// A page: what it knows goes with it when it is closed.
class Page {
  static keys = 0;
  jobs: readonly Job[] = [];
  asked: string[] = [];
  person = 'p';
  due: (() => void)[] = [];
  runner: OutboxRunner;
  constructor(readonly store: JobStore, far: { send(job: Job): Promise<unknown> }) {
    this.runner = new OutboxRunner({
      store,
      send: (one) => far.send(one),
      person: () => this.person,
      newKey: () => `key-${(Page.keys += 1)}`,
      time: () => at(0),
      timers: { set: (run) => this.due.push(run), clear: () => (this.due = []) },
      onChange: (jobs) => (this.jobs = jobs),
      onAsk: (error) => this.asked.push(error.code),
      onDone: () => undefined,
    });
  }
  async do(act: Act): Promise<void> {
    await this.runner.add(act);
    await this.runner.idle();
  }
  // The pause before the next attempt is over.
  async wait(): Promise<void> {
    for (const run of this.due.splice(0)) run();
    await this.runner.idle();
  }
}

let bases = 0;
const freshName = () => `base-${(bases += 1)}`;

describe('The outbox', () => {
  it('sends at once where the link is up', async () => {
    const far = new Far();
    const page = new Page(await openJobs(freshName()), far);
    const { settled } = await page.runner.add(test('a'));
    expect(await settled).toEqual({ how: 'done', answer: 'ok' });
    expect(await page.store.all()).toEqual([]);
  });
  it('outlives the page, and what was answered unheard is done once', async () => {
    const far = new Far();
    const name = freshName();
    const page = new Page(await openJobs(name), far);
    far.link = 'deaf';
    await page.do(test('a'));
    far.link = 'down';
    await page.do(test('b'));
    page.runner.stop();
    far.link = 'up';
    const next = new Page(await openJobs(name), far);
    await next.runner.start();
    await next.runner.idle();
    expect(far.done.map((one) => 'device' in one.act && one.act.device)).toEqual(['a', 'b']);
    expect(next.jobs).toEqual([]);
  });
  it('shows what was refused, goes on with the rest, and sends it again only when told', async () => {
    const far = new Far();
    far.refuses.add('a');
    const page = new Page(await openJobs(freshName()), far);
    await page.do(test('a'));
    await page.do(test('b'));
    expect(page.jobs.map((one) => one.refused?.code)).toEqual(['refused']);
    far.refuses.clear();
    await page.runner.retry(page.jobs[0]!);
    await page.runner.idle();
    expect(far.done.length).toBe(2);
    expect(page.jobs).toEqual([]);
  });
  it('is not sent in the name of somebody else', async () => {
    const far = new Far();
    far.link = 'down';
    const page = new Page(await openJobs(freshName()), far);
    await page.do(test('a'));
    page.person = 'q';
    far.link = 'up';
    await page.wait();
    expect(far.done).toEqual([]);
    page.person = 'p';
    page.runner.run();
    await page.runner.idle();
    expect(far.done.length).toBe(1);
  });
  it('waits for the person where the gateway asks who they are', async () => {
    const page = new Page(new Passing(), { send: () => Promise.reject(refusal(403, 'password_required')) });
    await page.do(test('a'));
    expect([page.asked, page.due.length, page.jobs.length]).toEqual([['password_required'], 0, 1]);
  });
  it('tells two tabs apart from nobody: what one has sent the other does not', async () => {
    const far = new Far();
    const name = freshName();
    const [one, other] = [new Page(await openJobs(name), far), new Page(await openJobs(name), far)];
    far.link = 'down';
    await one.do(test('a'));
    far.link = 'up';
    one.runner.run();
    other.runner.run();
    await Promise.all([one.runner.idle(), other.runner.idle()]);
    expect(far.done.length).toBe(1);
    expect(await one.store.all()).toEqual([]);
  });
});

// Small and seeded: a walk that fails can be walked again.
function randomOf(seed: number): (below: number) => number {
  let state = seed;
  return (below) => {
    state = (Math.imul(state, 1_664_525) + 1_013_904_223) >>> 0;
    return Math.floor((state / 2 ** 32) * below);
  };
}

async function walk(seed: number): Promise<void> {
  const random = randomOf(seed);
  const far = new Far();
  const name = freshName();
  let page = new Page(await openJobs(name), far);
  const made: string[] = [];
  const dropped = new Set<string>();
  for (let step = 0; step < 60; step += 1) {
    const choice = random(10);
    if (choice < 4) {
      const device = `d${random(4)}`;
      made.push(`${device}/${made.length}`);
      await page.runner.add({ kind: 'note', device, name: '', test: made.length - 1, note: '' });
      if (random(2) === 0) await page.runner.idle();
    } else if (choice < 6) far.link = (['up', 'down', 'deaf'] as const)[random(3)]!;
    else if (choice === 6) {
      page.runner.stop();
      page = new Page(await openJobs(name), far);
      await page.runner.start();
    } else if (choice === 7) {
      const device = `d${random(4)}`;
      if (!far.refuses.delete(device)) far.refuses.add(device);
    } else if (choice === 8) {
      await page.runner.idle();
      const refused = page.jobs.find((one) => one.refused);
      if (refused && random(2) === 0) await page.runner.retry(refused);
      else if (refused) {
        dropped.add(nameOf(refused));
        await page.runner.drop(refused.no);
      }
    } else await page.wait();
  }
  far.link = 'up';
  far.refuses.clear();
  page.runner.stop();
  page = new Page(await openJobs(name), far);
  await page.runner.start();
  await page.runner.idle();
  for (let refused = page.jobs.find((one) => one.refused); refused; refused = page.jobs.find((one) => one.refused)) {
    await page.runner.retry(refused);
    await page.runner.idle();
  }
  const arrived = far.done.map(nameOf);
  expect([...arrived].sort(), `seed ${seed}`).toEqual(made.filter((one) => !dropped.has(one)).sort()); // nothing lost, nothing twice
  for (const device of ['d0', 'd1', 'd2', 'd3']) {
    const own = far.done.map((one) => one.act).filter((one) => one.kind === 'note' && one.device === device).map((one) => (one.kind === 'note' ? one.test : 0));
    expect(own, `seed ${seed}, ${device}`).toEqual([...own].sort((a, b) => a - b)); // in the order in which it was done
  }
}
const nameOf = ({ act }: Job) => (act.kind === 'note' ? `${act.device}/${act.test}` : '');

describe('Random walks of the outbox', () => {
  it('lose nothing, do nothing twice, and keep the order of each device', async () => {
    for (let seed = 1; seed <= 150; seed += 1) await walk(seed);
  }, 60_000);
});
