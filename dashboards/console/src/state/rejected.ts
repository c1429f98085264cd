// Messages that could not be read, gathered by what they have in common: an installer looks for one device's fault, not for one message. Pure.
import type { RejectedSample } from '../contract';

export interface RejectedRow {
  key: string;
  last: RejectedSample;
  examples: readonly RejectedSample[]; // the newest first
}

// The newest first, whatever their order was.
export function rejectedRows(samples: readonly RejectedSample[]): RejectedRow[] {
  const rows = new Map<string, RejectedSample[]>();
  for (const one of [...samples].sort((a, b) => b.at.localeCompare(a.at))) {
    const key = [one.source, one.topic, one.reason].join('\n');
    const known = rows.get(key);
    if (known) known.push(one);
    else rows.set(key, [one]);
  }
  return [...rows].map(([key, examples]) => ({ key, last: examples[0]!, examples }));
}

const kHexRow = 16; // bytes

// The bytes of a text in which the gateway wrote as \xNN whatever is no readable character.
export function bytesOf(readable: string): Uint8Array {
  const bytes: number[] = [];
  const encoder = new TextEncoder();
  for (const [part, hex] of readable.matchAll(/\\x([0-9a-f]{2})|[^\\]+|\\/g)) {
    if (hex === undefined) bytes.push(...encoder.encode(part));
    else bytes.push(Number.parseInt(hex, 16));
  }
  return Uint8Array.from(bytes);
}

export function hexOf(readable: string): string {
  const bytes = [...bytesOf(readable)].map((byte) => byte.toString(16).padStart(2, '0'));
  const rows: string[] = [];
  for (let at = 0; at < bytes.length; at += kHexRow) rows.push(bytes.slice(at, at + kHexRow).join(' '));
  return rows.join('\n');
}
