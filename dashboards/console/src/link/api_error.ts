// ApiError: a refusal or failure of a call. Carries what the gateway said (RFC 9457), to be shown as it was said.
import type { Problem } from '../contract';

export class ApiError extends Error {
  readonly code: string; // the gateway's stable word, or `unreachable`, `not_json`, `bug`
  readonly problem: Problem | null;
  readonly retryAfter: number | null; // seconds, where the gateway says when to ask again
  constructor(code: string, detail: string, problem: Problem | null = null, retryAfter: number | null = null) {
    super(detail);
    this.code = code;
    this.problem = problem;
    this.retryAfter = retryAfter;
  }
}

export function asApiError(error: unknown): ApiError {
  return error instanceof ApiError ? error : new ApiError('bug', String(error));
}
