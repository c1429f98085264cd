'use strict';
exports.decodeUplink = function (input) {
  if (input.fPort > 200) return { errors: ['unknown FPort ' + input.fPort] };
  return { data: { odd: input.bytes.filter((b) => b % 2), sorted: input.bytes.slice().sort() } };
};
