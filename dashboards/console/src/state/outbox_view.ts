// What the pages show of the outbox: told by the desk that sends it.
import { computed, signal } from '@preact/signals';
import type { ApiError } from '../link/api_error';
import { countOf, type Job } from './outbox';
import { person } from './session';

export const jobs = signal<readonly Job[]>([]);
export const lasting = signal(true); // what waits is kept when the page is closed
export const outboxAsks = signal<ApiError | null>(null); // the gateway asks who this is before it goes on
export const jobCount = computed(() => countOf(jobs.value, person.value));
