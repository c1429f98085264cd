// TS013 in the JavaScript of today.
const KINDS = new Map([[0, 'normal'], [1, 'alarm'], [2, 'silenced'], [7, 'test']]);
const hex = (n, width = 2) => n.toString(16).toUpperCase().padStart(width, '0');

class Frame {
  #at = 0;
  constructor(bytes) { this.bytes = bytes; }
  get rest() { return this.bytes.length - this.#at; }
  u8() { return this.bytes[this.#at++]; }
  u16() { return this.u8() | (this.u8() << 8); }
  i16() { const v = this.u16(); return v > 0x7fff ? v - 0x10000 : v; }
  float() {
    const view = new DataView(new ArrayBuffer(4));
    for (let i = 0; i < 4; i++) view.setUint8(i, this.u8());
    return view.getFloat32(0, true);
  }
}

function decodeUplink({ bytes, fPort, ...others }) {
  const warnings = [];
  const frame = new Frame(bytes);
  const data = { port: fPort, raw: bytes.map((b) => hex(b)).join(' '), others: Object.keys(others) };
  if (frame.rest >= 1) {
    const state = frame.u8();
    data.state = KINDS.get(state & 7) ?? `unknown (${state & 7})`;
    data.flags = [...hex(state)].map((digit) => parseInt(digit, 16));
  }
  if (frame.rest >= 2) data.temperature = frame.i16() / 10;
  if (frame.rest >= 4) data.value = Number.isFinite((data.measured = frame.float())) ? data.measured : undefined;
  while (frame.rest > 0) {
    const [id, ...tail] = [frame.u8(), frame.rest ? frame.u8() : null];
    (data.records ??= []).push({ id, value: tail?.[0], [`c${id % 3}`]: id ** 2 });
  }
  if (data.records?.length > 3) warnings.push(`many records: ${data.records.length}`);
  return { data, warnings };
}
