// Sends the jobs of the outbox one after another, as soon as the gateway can be reached; what is kept is what the store says, so that several
// tabs, and a page that is opened again, go on where the last one stopped.
import { asApiError, type ApiError } from '../link/api_error';
import type { Timers } from '../link/live_link';
import type { Act } from './acts_on_site';
import { anew, nextOf, outcomeOf, refusedBy, type Job } from './outbox';
import type { JobStore } from './outbox_store';

const kFirstPause = 1_000; // ms before a job is tried again, doubled with each failure
const kLongestPause = 30_000;

export interface RunnerOptions {
  store: JobStore;
  send(job: Job, byHand: boolean): Promise<unknown>; // rejects with an ApiError; by hand: the gateway's questions may be put to the person
  person(): string; // who is signed in; empty: nobody
  newKey(): string;
  time(): string;
  timers: Timers;
  onChange(jobs: readonly Job[]): void; // after each step
  onAsk(error: ApiError): void; // the person has to say who they are before it goes on
  onDone(job: Job, answer: unknown): void;
}

export type Settled = { how: 'done'; answer: unknown } | { how: 'refused'; error: ApiError } | { how: 'dropped' };

export class OutboxRunner {
  #options: RunnerOptions;
  #running: Promise<void> | null = null;
  #again = false; // something was added while it ran
  #byHand = false; // a person is there, whom the gateway may ask
  #pause = 0;
  #timer: unknown = null;
  #waiters = new Map<number, (settled: Settled) => void>();
  #stopped = false;

  constructor(options: RunnerOptions) {
    this.#options = options;
  }

  // Kept first, then sent. `settled` is never answered where the page is closed before the gateway has answered.
  async add(act: Act): Promise<{ job: Job; settled: Promise<Settled> }> {
    const { store, person, newKey, time } = this.#options;
    const job = await store.add({ key: newKey(), person: person(), at: time(), act, refused: null });
    const settled = new Promise<Settled>((settle) => this.#waiters.set(job.no, settle));
    await this.tell();
    this.run(true);
    return { job, settled };
  }

  async drop(no: number): Promise<void> {
    await this.#options.store.remove(no);
    this.#settle(no, { how: 'dropped' });
    await this.tell();
    this.run();
  }

  async retry(job: Job): Promise<void> {
    await this.#options.store.put(anew(job, this.#options.newKey()));
    await this.tell();
    this.run(true);
  }

  // What was kept when the page was closed.
  async start(): Promise<void> {
    await this.tell();
    this.run();
  }

  // Now, whatever the pause: the link is back, somebody has signed in, or asks for it.
  run(byHand = false): void {
    if (this.#stopped) return;
    if (this.#timer !== null) this.#options.timers.clear(this.#timer);
    this.#timer = null;
    this.#byHand ||= byHand;
    if (this.#running) {
      this.#again = true;
      return;
    }
    this.#running = this.#sendAll()
      .catch(() => this.#later(null)) // the browser could not read what it keeps
      .finally(() => {
        this.#running = null;
        if (this.#again) this.run();
        else this.#byHand = false;
      });
  }

  // Until nothing can be sent now.
  async idle(): Promise<void> {
    while (this.#running) await this.#running;
  }

  stop(): void {
    this.#stopped = true;
    if (this.#timer !== null) this.#options.timers.clear(this.#timer);
  }

  // The store has changed, by this page or by another tab.
  async tell(): Promise<void> {
    this.#options.onChange(await this.#options.store.all());
  }

  async #sendAll(): Promise<void> {
    const { store, person } = this.#options;
    do {
      this.#again = false;
      for (let job = nextOf(await store.all(), person()); job && !this.#stopped; job = nextOf(await store.all(), person())) {
        if (person() === '' || !(await this.#sendOne(job))) return;
      }
    } while (this.#again && !this.#stopped);
  }

  // True: go on with the next.
  async #sendOne(job: Job): Promise<boolean> {
    try {
      const answer = await this.#options.send(job, this.#byHand);
      if (this.#stopped) return false;
      await this.#options.store.remove(job.no);
      this.#pause = 0;
      this.#settle(job.no, { how: 'done', answer });
      this.#options.onDone(job, answer);
      await this.tell();
      return true;
    } catch (failure) {
      return !this.#stopped && (await this.#failed(job, asApiError(failure)));
    }
  }

  async #failed(job: Job, error: ApiError): Promise<boolean> {
    const outcome = outcomeOf(error);
    if (outcome === 'refused') {
      this.#pause = 0;
      await this.#options.store.put({ ...job, refused: refusedBy(error) });
      this.#settle(job.no, { how: 'refused', error });
    } else if (outcome === 'ask') {
      this.#options.onAsk(error);
    } else {
      this.#later(error.retryAfter);
    }
    await this.tell();
    return outcome === 'refused';
  }

  #later(seconds: number | null): void {
    this.#pause = Math.min(kLongestPause, Math.max(kFirstPause, this.#pause * 2));
    const after = seconds === null ? this.#pause : Math.max(this.#pause, seconds * 1000);
    this.#timer = this.#options.timers.set(() => this.run(), after);
  }

  #settle(no: number, settled: Settled): void {
    this.#waiters.get(no)?.(settled);
    this.#waiters.delete(no);
  }
}
