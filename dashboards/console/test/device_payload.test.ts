import { describe, expect, it } from 'vitest';
import type { RawMessage } from '../src/contract';
import { indented, keyed, payloadLine, wholePayload } from '../src/pages/device_payload';
import { at } from './support';

const message = (more: Partial<RawMessage>): RawMessage => ({
  at: at(0), source: 'site', topic: 't', retained: false, bytes: 1, cut: false, payload: null, payload_b64: null, ...more,
});
const text = (payload: string, more: Partial<RawMessage> = {}) => message({ payload, ...more });
const base64 = (...bytes: number[]) => message({ payload_b64: btoa(String.fromCharCode(...bytes)) });

describe('Payload', () => {
  it('of JSON is a member a line', () => {
    expect(wholePayload(text('{"readings":{"smoke":true},"n":[1,2]}'))).toBe(
      '{\n  "readings": {\n    "smoke": true\n  },\n  "n": [\n    1,\n    2\n  ]\n}',
    );
  });
  it.each(['{}', '[]', '{"a":{},"b":[ ]}', '[[[]],{"k":[{}]}]', '[-1.50e+3,null,"x"]', '{ "a" :\t1\n}', '"只有文字"', '17'])(
    'keeps its meaning: %s', (json) => {
      expect(JSON.parse(indented(json))).toEqual(JSON.parse(json));
      expect(indented(indented(json))).toBe(indented(json));
    },
  );
  it('keeps numbers, doubled names and what stands in strings as they came', () => {
    const shown = wholePayload(text('{"id":12345678901234567890,"t":1.0,"t":2,"s":"a:{ [\\",\\u00e9 ,"}'));
    for (const part of ['12345678901234567890', '"t": 1.0', '"t": 2', '"a:{ [\\",\\u00e9 ,"']) expect(shown).toContain(part);
  });
  it.each(['ON', 'true', '{"cut":', '<b>no markup</b>', ''])('that is no JSON object is shown as it is: %s', (payload) => {
    expect(wholePayload(text(payload))).toBe(payload);
  });
  it('that is no text is shown as bytes, sixteen a row', () => {
    const shown = wholePayload(base64(...Array.from({ length: 18 }, (_, i) => i + 0xf0 & 0xff)));
    expect(shown).toBe('f0 f1 f2 f3 f4 f5 f6 f7 f8 f9 fa fb fc fd fe ff\n00 01');
  });
});

describe('Line of a payload', () => {
  it('is one line', () => {
    expect(payloadLine(text('{\n\t"a": 1,\r\n  "b": 2\n}\n'))).toBe('{ "a": 1, "b": 2 }');
    expect(payloadLine(base64(0x68, 0x01, 0xff))).toBe('68 01 ff');
    expect(payloadLine(text(''))).toBe('');
  });
  it('is short however long the payload', () => {
    expect(payloadLine(text('x'.repeat(4096)))).toBe(`${'x'.repeat(200)}…`);
    expect(payloadLine(base64(...Array<number>(4096).fill(0)))).toHaveLength(201);
  });
});

describe('Keys of messages', () => {
  it('are different, and stay when newer messages come', () => {
    const old = [text('b', { at: at(1) }), text('a', { at: at(1) }), text('0')];
    const keys = keyed(old).map((entry) => entry.key);
    expect(new Set(keys).size).toBe(3);
    expect(keyed(old).map((entry) => entry.message)).toEqual(old);
    expect(keyed([text('d', { at: at(2) }), text('c', { at: at(1) }), ...old]).slice(2).map((entry) => entry.key)).toEqual(keys);
  });
});
