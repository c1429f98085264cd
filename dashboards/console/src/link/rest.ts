// Calls of the REST API. A refusal or failure is an ApiError that carries what the gateway said (RFC 9457).
import type {
  AlarmView,
  ClassInfo,
  DeviceDetail,
  DeviceView,
  Health,
  Problem,
  RuleInfo,
  Series,
  Silence,
  Snapshot,
  Timeline,
  UnmappedDevice,
  Verdict,
} from '../contract';

const kTimeout = 10_000; // ms

export class ApiError extends Error {
  readonly code: string; // the gateway's stable word, or `unreachable`, `not_json`
  readonly problem: Problem | null;
  constructor(code: string, detail: string, problem: Problem | null = null) {
    super(detail);
    this.code = code;
    this.problem = problem;
  }
}

async function call<T>(method: 'GET' | 'POST', path: string, body?: unknown): Promise<T> {
  let response: Response;
  let text: string;
  try {
    response = await fetch(`/api/v1${path}`, {
      method,
      signal: AbortSignal.timeout(kTimeout),
      headers: { accept: 'application/json', ...(body === undefined ? {} : { 'content-type': 'application/json' }) },
      ...(body === undefined ? {} : { body: JSON.stringify(body) }),
    });
    text = await response.text();
  } catch (error) {
    throw new ApiError('unreachable', `${method} ${path}: ${String(error)}`);
  }
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch {
    throw new ApiError('not_json', `${method} ${path}: status ${response.status}, expected JSON`);
  }
  if (response.ok) return value as T;
  const problem = value as Problem;
  throw new ApiError(problem.code ?? String(response.status), problem.detail ?? problem.title ?? '', problem);
}

function query(values: Record<string, string | number | null | undefined>): string {
  const params = new URLSearchParams();
  for (const [name, value] of Object.entries(values)) {
    if (value !== null && value !== undefined && value !== '') params.set(name, String(value));
  }
  const text = params.toString();
  return text ? `?${text}` : '';
}

const id = encodeURIComponent;

export interface Actor {
  by: string;
  post: string;
}
export interface HistoryQuery {
  from?: string;
  to?: string;
  class?: string;
  building?: string;
  device?: string;
  cursor?: string;
  limit?: number;
}
export interface DeviceQuery {
  kind?: string;
  presence?: string;
  building?: string;
  q?: string;
  offset?: number;
  limit?: number;
}

export const rest = {
  snapshot: () => call<Snapshot>('GET', '/snapshot'),
  alarm: (alarm: string) => call<AlarmView>('GET', `/alarms/${id(alarm)}`),
  timeline: (alarm: string) => call<Timeline>('GET', `/alarms/${id(alarm)}/timeline`),
  history: (asked: HistoryQuery) =>
    call<{ alarms: AlarmView[]; next_cursor: string | null }>('GET', `/history${query({ ...asked })}`),
  devices: (asked: DeviceQuery) => call<{ devices: DeviceView[]; total: number }>('GET', `/devices${query({ ...asked })}`),
  device: (device: string) => call<DeviceDetail>('GET', `/devices/${id(device)}`),
  series: (device: string, point: string, port: number | null, from: string, to: string) =>
    call<Series>('GET', `/devices/${id(device)}/series${query({ point, port, from, to })}`),
  unmapped: () => call<{ devices: UnmappedDevice[] }>('GET', '/unmapped'),
  health: () => call<Health>('GET', '/health'),
  classes: () => call<ClassInfo[]>('GET', '/classes'),
  rules: () => call<{ rules: RuleInfo[] }>('GET', '/rules'),

  acknowledge: (alarm: string, actor: Actor) => call<AlarmView>('POST', `/alarms/${id(alarm)}/acknowledge`, actor),
  verdict: (alarm: string, actor: Actor, verdict: Verdict, why: string) =>
    call<AlarmView>('POST', `/alarms/${id(alarm)}/verdict`, { ...actor, verdict, why }),
  reset: (alarm: string, actor: Actor, why: string) => call<AlarmView>('POST', `/alarms/${id(alarm)}/reset`, { ...actor, why }),
  silence: (actor: Actor) => call<Silence>('POST', '/alarms:silence', actor),
};
