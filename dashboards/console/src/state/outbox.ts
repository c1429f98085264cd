// What an installer has done and the gateway has not yet answered: a list of jobs, the oldest first. Pure steps. Each job goes under a key of
// its own, so that what is sent again after a lost answer is done once; one that is refused waits for a person, and holds back what was
// done later to the same thing, never what was done to others.
import type { ApiError } from '../link/api_error';
import type { Problem } from '../contract';
import type { Act } from './acts_on_site';

export interface Refused {
  code: string;
  detail: string;
  problem: Problem | null;
}

export interface Job {
  no: number; // order in which they were done
  key: string; // Idempotency-Key
  person: string; // who did it: nobody else sends it in their own name
  at: string; // when it was done
  act: Act;
  refused: Refused | null;
}

// What a job is about: jobs about the same thing go one after another.
export function subjectOf(act: Act): string {
  return act.kind === 'adopt' || act.kind === 'ignore' || act.kind === 'heed' ? `entry/${act.entry}` : `device/${act.device}`;
}

// The one to send now: the oldest of this person that nothing holds back.
export function nextOf(jobs: readonly Job[], person: string): Job | null {
  const held = new Set<string>();
  for (const job of jobs) {
    if (job.person !== person) continue;
    const subject = subjectOf(job.act);
    if (job.refused) held.add(subject);
    else if (!held.has(subject)) return job;
  }
  return null;
}

export interface Count {
  waiting: number; // of this person
  refused: number;
  others: number; // of whoever else uses this browser
}
export function countOf(jobs: readonly Job[], person: string): Count {
  const own = jobs.filter((job) => job.person === person);
  const refused = own.filter((job) => job.refused !== null).length;
  return { waiting: own.length - refused, refused, others: jobs.length - own.length };
}

// The tray entries and devices that a waiting job is about.
export function pendingOf(jobs: readonly Job[]): ReadonlyMap<string, Job> {
  return new Map(jobs.map((job) => [subjectOf(job.act), job]));
}

export type Outcome = 'later' | 'ask' | 'refused';

const kLater = new Set(['unreachable', 'not_json', 'overloaded', 'io_failed', 'timed_out', 'too_many_requests']);
const kBeingAnswered = /^reading Idempotency-Key .* being answered$/; // its first request, sent by this page or another tab
const kAsk = new Set(['unauthenticated', 'pin_required', 'password_required']);

// Whether to try again by itself, to ask the person who they are first, or to show the person that it was refused.
export function outcomeOf(error: ApiError): Outcome {
  const status = error.problem?.status ?? 0;
  if (kLater.has(error.code) || status >= 500) return 'later';
  if (status === 409 && kBeingAnswered.test(error.message)) return 'later';
  return kAsk.has(error.code) ? 'ask' : 'refused';
}

export function refusedBy(error: ApiError): Refused {
  return { code: error.code, detail: error.message, problem: error.problem };
}

// Once more, because a person says so. The first answer to a key is its answer for good: it goes under a new one.
export function anew(job: Job, key: string): Job {
  return { ...job, key, refused: null };
}
