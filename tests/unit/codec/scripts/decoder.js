// The Things Network v2: Decoder(bytes, port).
function Decoder(bytes, port) {
  if (port === 0) throw new Error('no application payload on port 0');
  return { length: bytes.length, last: bytes[bytes.length - 1], text: String.fromCharCode.apply(null, bytes) };
}
