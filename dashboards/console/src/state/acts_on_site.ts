// What an installer does where there may be no signal. Each is one request to the gateway.
import type { AdoptRequest } from '../contract';

export type Act =
  | { kind: 'adopt'; entry: string; address: string; body: AdoptRequest }
  | { kind: 'ignore'; entry: string; address: string; reason: string }
  | { kind: 'heed'; entry: string; address: string }
  | { kind: 'test'; device: string; name: string; minutes: number }
  | { kind: 'end_test'; device: string; name: string }
  | { kind: 'photo'; device: string; name: string; test: number | null; picture: Blob }
  | { kind: 'note'; device: string; name: string; test: number; note: string };
