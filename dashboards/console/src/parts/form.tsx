// What forms share: fields with labels, passwords that can be looked at, an act that is under way or was refused.
import { useSignal, type Signal } from '@preact/signals';
import { useEffect } from 'preact/hooks';
import { t } from '../i18n';
import { asApiError, type ApiError } from '../link/rest';

interface FieldProps {
  label: string;
  value: Signal<string>;
  hint?: string;
  type?: 'text' | 'password' | 'date' | 'datetime-local';
  name?: string;
  autocomplete?: 'username' | 'current-password' | 'new-password' | 'one-time-code' | 'name' | 'off';
  inputMode?: 'numeric' | 'text';
  required?: boolean;
  autofocus?: boolean;
  minLength?: number;
  maxLength?: number;
  pattern?: string;
  placeholder?: string;
  min?: string;
  max?: string;
  list?: string;
}

export function Field({ label, value, hint, ...input }: FieldProps) {
  return (
    <label class="field">
      {label}
      <input autocapitalize="off" spellcheck={false} {...(input as object)} value={value.value}
        onInput={(event) => (value.value = event.currentTarget.value)} />
      {hint && <small>{hint}</small>}
    </label>
  );
}

export function SecretField(field: FieldProps) {
  const shown = useSignal(false);
  return (
    <div class="secret">
      <Field {...field} type={shown.value ? 'text' : 'password'} />
      <label class="check">
        <input type="checkbox" checked={shown.value} onChange={(event) => (shown.value = event.currentTarget.checked)} />
        {t('show_password')}
      </label>
    </div>
  );
}

export interface Attempt {
  busy: boolean; // under way, or told to wait
  error: ApiError | null;
  run(act: () => Promise<unknown>): Promise<boolean>;
  clear(): void;
}

// One attempt at a time; where the gateway says to wait, so long.
export function useAttempt(): Attempt {
  const running = useSignal(false);
  const error = useSignal<ApiError | null>(null);
  const waiting = useSignal(false);
  useEffect(() => {
    const seconds = error.value?.retryAfter;
    if (!seconds) return undefined;
    waiting.value = true;
    const timer = setTimeout(() => (waiting.value = false), seconds * 1000);
    return () => clearTimeout(timer);
  }, [error.value]);
  const run = async (act: () => Promise<unknown>) => {
    running.value = true;
    error.value = null;
    waiting.value = false;
    try {
      await act();
      return true;
    } catch (failure) {
      error.value = asApiError(failure);
      return false;
    } finally {
      running.value = false;
    }
  };
  return { busy: running.value || waiting.value, error: error.value, run, clear: () => (error.value = null) };
}

// Runs `act` instead of sending the form to an address.
export function onSubmit(act: () => unknown): (event: Event) => void {
  return (event) => {
    event.preventDefault();
    void act();
  };
}
