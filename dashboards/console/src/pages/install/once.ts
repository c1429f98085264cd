// The key of one act: the same until the gateway has answered, so that asking again after a lost answer does nothing twice.
import { useRef } from 'preact/hooks';
import type { ApiError } from '../../link/api_error';
import { outcomeOf } from '../../state/outbox';
import { idempotencyKey } from '../../link/rest';

export interface Once {
  key: string;
  answered(): void;
  after(error: ApiError): void; // a refusal is an answer, a lost link is none
}
export function useOnce(): Once {
  const key = useRef('');
  key.current ||= idempotencyKey();
  const answered = () => (key.current = '');
  return {
    get key() {
      key.current ||= idempotencyKey();
      return key.current;
    },
    answered,
    after: (error) => {
      if (outcomeOf(error) === 'refused') answered();
    },
  };
}
