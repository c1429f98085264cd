// Where jobs are kept until the gateway has answered: IndexedDB, which plain HTTP has, too. What a browser refuses to keep is kept until the
// page is closed, and the page says so.
import { openDB, type DBSchema, type IDBPDatabase } from 'idb';
import type { Job } from './outbox';

export type NewJob = Omit<Job, 'no'>;

export interface JobStore {
  readonly lasting: boolean; // outlives the page
  all(): Promise<Job[]>; // the oldest first
  add(job: NewJob): Promise<Job>;
  put(job: Job): Promise<void>; // where it is still there: another tab may have sent it
  remove(no: number): Promise<void>;
}

interface Base extends DBSchema {
  jobs: { key: number; value: Job };
}

class Kept implements JobStore {
  readonly lasting = true;
  #base: IDBPDatabase<Base>;
  constructor(base: IDBPDatabase<Base>) {
    this.#base = base;
  }
  all = () => this.#base.getAll('jobs');
  async add(job: NewJob): Promise<Job> {
    const no = await this.#base.add('jobs', job as Job);
    return { ...job, no };
  }
  async put(job: Job): Promise<void> {
    const change = this.#base.transaction('jobs', 'readwrite');
    if ((await change.store.getKey(job.no)) !== undefined) await change.store.put(job);
    await change.done;
  }
  remove = (no: number) => this.#base.delete('jobs', no);
}

export class Passing implements JobStore {
  readonly lasting = false;
  #jobs = new Map<number, Job>();
  #last = 0;
  all = () => Promise.resolve([...this.#jobs.values()]);
  add(job: NewJob): Promise<Job> {
    this.#last += 1;
    const added = { ...job, no: this.#last };
    this.#jobs.set(added.no, added);
    return Promise.resolve(added);
  }
  put(job: Job): Promise<void> {
    if (this.#jobs.has(job.no)) this.#jobs.set(job.no, job);
    return Promise.resolve();
  }
  remove(no: number): Promise<void> {
    this.#jobs.delete(no);
    return Promise.resolve();
  }
}

export async function openJobs(name = 'firegate'): Promise<JobStore> {
  try {
    const base = await openDB<Base>(name, 1, {
      upgrade: (fresh) => void fresh.createObjectStore('jobs', { keyPath: 'no', autoIncrement: true }),
    });
    return new Kept(base);
  } catch {
    return new Passing();
  }
}
