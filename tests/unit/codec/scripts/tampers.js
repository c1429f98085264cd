// Leaves everything it can behind for the next call, and says what it found of it.
var found = [typeof leftover, typeof Object.prototype.hacked, [].map === Array.prototype.map, String(Array.prototype.map)];
leftover = 1;
Object.prototype.hacked = true;
Array.prototype.includes = function () { return 'tampered'; };
Date.now = function () { return 0; };
JSON.parse = function () { return 'tampered'; };
Object.defineProperty(globalThis, 'undefinable', { value: 1, writable: false, configurable: false });
function decodeUplink(input) {
  return { data: { found: found, now: Date.now(), hacked: {}.hacked, bytes: input.bytes.length } };
}
