// The outbox of this browser at work: opens what was kept, sends it when there is a link and somebody is signed in, and tells the pages. One
// for all pages, started once.
import { effect, signal } from '@preact/signals';
import { idempotencyKey, kBackground, kForeground, rest } from '../link/rest';
import type { Act } from './acts_on_site';
import type { Job } from './outbox';
import { OutboxRunner, type Settled } from './outbox_runner';
import { openJobs } from './outbox_store';
import { jobs, lasting, outboxAsks } from './outbox_view';
import { person } from './session';
import { latestTest, phase } from './store';

const kPatience = 4_000; // ms in which a page waits for an answer before it says that the job waits

export const settledJobs = signal(0); // how many this page has seen answered: who shows what they change reads it again
export const followed = signal<ReadonlySet<string>>(new Set()); // devices whose test was begun here
export const buzzed = signal<readonly string[]>([]); // of those, which have answered, the newest first

function sendJob({ act, key }: Job, byHand: boolean): Promise<unknown> {
  const how = { 'Idempotency-Key': key, ...(byHand ? kForeground : kBackground) };
  switch (act.kind) {
    case 'adopt': return rest.adopt(act.entry, act.body, how);
    case 'ignore': return rest.ignore(act.entry, act.reason, how);
    case 'heed': return rest.heed(act.entry, how);
    case 'test': return rest.testDevice(act.device, act.minutes, how);
    case 'end_test': return rest.endTest(act.device, how);
    case 'photo': return rest.addPhoto(act.device, act.test, act.picture, how);
    case 'note': return rest.noteTest(act.device, act.test, act.note, how);
  }
}

const tabs = typeof BroadcastChannel === 'undefined' ? null : new BroadcastChannel('firegate.outbox');

async function open(): Promise<OutboxRunner> {
  const store = await openJobs();
  lasting.value = store.lasting;
  const runner = new OutboxRunner({
    store,
    send: sendJob,
    person: () => person.peek(),
    newKey: idempotencyKey,
    time: () => new Date().toISOString(),
    timers: { set: (run, after) => window.setTimeout(run, after), clear: (handle) => clearTimeout(handle as number) },
    onChange: (kept) => {
      jobs.value = kept;
      tabs?.postMessage('changed');
    },
    onAsk: (error) => (outboxAsks.value = error),
    onDone: () => {
      outboxAsks.value = null;
      settledJobs.value += 1;
    },
  });
  tabs?.addEventListener('message', () => void store.all().then((kept) => (jobs.value = kept)));
  return runner;
}

const runner = open();

// Sent again by itself: as soon as the link is there, and when somebody signs in.
effect(() => {
  if (phase.value !== 'live' || person.value === '') return;
  void runner.then((one) => one.start());
});

effect(() => {
  const test = latestTest.value;
  if (!test?.passed_at || !followed.peek().has(test.device)) return;
  navigator.vibrate?.([300, 100, 300]);
  buzzed.value = [test.device, ...buzzed.peek().filter((one) => one !== test.device)];
  follow(test.device, false);
});

function follow(device: string, on: boolean): void {
  const next = new Set(followed.peek());
  if (on) next.add(device);
  else next.delete(device);
  followed.value = next;
}

export type Done = Settled | { how: 'waiting' };

// Kept, and then sent. What was refused while the person looks on is told to them at once and not kept.
export async function act(what: Act): Promise<Done> {
  const one = await runner;
  if (what.kind === 'test') {
    follow(what.device, true);
    buzzed.value = buzzed.peek().filter((device) => device !== what.device);
  }
  const { job, settled } = await one.add(what);
  if (phase.peek() === 'lost') return { how: 'waiting' };
  const done = await Promise.race([settled, new Promise<Done>((tell) => setTimeout(() => tell({ how: 'waiting' }), kPatience))]);
  if (done.how === 'refused') await one.drop(job.no);
  return done;
}

export const dropJob = async (no: number): Promise<void> => (await runner).drop(no);
export const retryJob = async (job: Job): Promise<void> => (await runner).retry(job);
export const sendNow = async (): Promise<void> => {
  outboxAsks.value = null;
  (await runner).run(true);
};
