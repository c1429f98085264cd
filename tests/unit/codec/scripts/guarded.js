// Hides its function in a closure and hands it out where there is a module.
(function (root, factory) {
  if (typeof module === 'object' && module.exports) module.exports = factory();
  else if (typeof exports !== 'undefined') exports.codec = factory();
})(this, function () {
  var counter = 0;
  return {
    decodeUplink: function (input) {
      counter += 1;
      return { data: { counter: counter, crc: input.bytes.reduce(function (c, b) { return ((c << 1) ^ b) & 0xffff; }, 0xffff) } };
    }
  };
});
