// A payload as people read it. What came stays as it came: only white space between the parts of JSON changes, so that long
// numbers, doubled names and the order of members are seen as the device sent them.
import type { RawMessage } from '../contract';

const kLine = 200; // characters of the one line
const kHexRow = 16; // bytes

function isJson(text: string): boolean {
  try {
    return typeof JSON.parse(text) === 'object';
  } catch {
    return false;
  }
}

// JSON, a member a line. `json` is whole and valid.
export function indented(json: string): string {
  let out = '';
  let depth = 0;
  const newLine = () => `\n${'  '.repeat(depth)}`;
  for (const [token] of json.matchAll(/"(?:[^"\\]|\\.)*"|[{[]\s*[\]}]|[{}[\],:]|[^\s"{}[\],:]+/g)) {
    if (token === '{' || token === '[') {
      depth += 1;
      out += token + newLine();
    } else if (token === '}' || token === ']') {
      depth -= 1;
      out += newLine() + token;
    } else if (token === ',') {
      out += token + newLine();
    } else if (token === ':') {
      out += ': ';
    } else {
      out += token.startsWith('"') ? token : token.replace(/\s/g, '');
    }
  }
  return out;
}

function bytesOf(base64: string): string[] {
  return [...atob(base64)].map((char) => char.charCodeAt(0).toString(16).padStart(2, '0'));
}

export function wholePayload(message: RawMessage): string {
  if (message.payload !== null) return isJson(message.payload) ? indented(message.payload) : message.payload;
  const bytes = bytesOf(message.payload_b64 ?? '');
  const rows: string[] = [];
  for (let i = 0; i < bytes.length; i += kHexRow) rows.push(bytes.slice(i, i + kHexRow).join(' '));
  return rows.join('\n');
}

export function payloadLine(message: RawMessage): string {
  // Twice as many, since white space may go: 4 KiB of each of 50 messages are not looked through for a line.
  const line = message.payload === null
    ? bytesOf((message.payload_b64 ?? '').slice(0, kLine)).join(' ')
    : message.payload.slice(0, 2 * kLine).replace(/\s+/g, ' ').trim();
  return line.length > kLine ? `${line.slice(0, kLine)}…` : line;
}

// A name for each that stays when newer messages come before it. Newest first; messages have no number, and several may
// have come in one millisecond.
export function keyed(messages: RawMessage[]): { key: string; message: RawMessage }[] {
  const seen = new Map<string, number>();
  return messages
    .map((message) => ({ key: message.at, message }))
    .reverse()
    .map(({ key, message }) => {
      const count = seen.get(key) ?? 0;
      seen.set(key, count + 1);
      return { key: `${key}/${count}`, message };
    })
    .reverse();
}
