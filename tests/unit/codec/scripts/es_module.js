const SCALE = 0.1;
export const name = 'es module';
export function decodeUplink({ bytes, fPort }) {
  const [high = 0, low = 0] = bytes;
  return { data: { fPort, value: ((high << 8) | low) * SCALE, name } };
}
