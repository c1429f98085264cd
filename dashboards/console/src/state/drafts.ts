// What somebody has begun to type. It outlives the page it was typed on, so that a sign-in in between loses nothing; it is kept in
// memory alone, and dropped when another person signs in.
import { computed, signal, type Signal } from '@preact/signals';
import { useRef } from 'preact/hooks';

interface Kept {
  first: unknown;
  value: Signal<unknown>;
}
const drafts = signal<ReadonlyMap<string, Kept>>(new Map());

export const typing = computed(() => [...drafts.value.values()].some((one) => one.value.value !== one.first));

export interface Draft<T> {
  value: Signal<T>;
  drop(): void; // done, or given up
}

export function draft<T>(name: string, first: T): Draft<T> {
  let kept = drafts.peek().get(name);
  if (!kept) {
    kept = { first, value: signal<unknown>(first) };
    drafts.value = new Map(drafts.peek()).set(name, kept);
  }
  const drop = () => {
    const left = new Map(drafts.peek());
    left.delete(name);
    drafts.value = left;
  };
  return { value: kept.value as Signal<T>, drop };
}

export function useDraft<T>(name: string, first: T): Draft<T> {
  const kept = useRef<{ name: string; draft: Draft<T> } | null>(null);
  if (kept.current?.name !== name) kept.current = { name, draft: draft(name, first) };
  return kept.current.draft;
}

export function dropDrafts(): void {
  drafts.value = new Map();
}
