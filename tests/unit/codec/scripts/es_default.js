export default {
  decodeUplink(input) {
    const words = [];
    for (let i = 0; i + 1 < input.bytes.length; i += 2) words.push((input.bytes[i] << 8) | input.bytes[i + 1]);
    return { data: { words, big: words.reduce((sum, w) => sum * 65536n + BigInt(w), 0n).toString() } };
  },
};
