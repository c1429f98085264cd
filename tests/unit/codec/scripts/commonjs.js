const parse = (bytes) => bytes.reduce((all, byte, at) => ({ ...all, ['b' + at]: byte }), {});
module.exports = {
  decodeUplink(input) {
    return { data: this.read(input.bytes), warnings: [] };
  },
  read: parse,
};
