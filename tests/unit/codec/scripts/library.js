// What scripts take from the language itself: dates, text, numbers, regular expressions, typed arrays.
function decodeUplink(input) {
  var b = input.bytes;
  var seconds = ((b[0] << 24) | (b[1] << 16) | (b[2] << 8) | b[3]) >>> 0;
  var at = new Date(seconds * 1000);
  var hex = Array.prototype.map.call(b, function (x) { return ('00' + x.toString(16)).slice(-2); }).join('');
  var found = /(?<first>[0-9a-f]{2})(?:[0-9]+)([a-f]?)/.exec(hex);
  return {
    data: {
      iso: at.toISOString(), utc: at.toUTCString(), text: at.toString(), day: at.getDay(), hours: at.getHours(),
      local: at.toLocaleDateString('en-US'), hex: hex, found: found && found.groups.first, split: hex.split(/[a-f]/),
      fixed: (seconds / 7).toFixed(3), precise: (seconds / 3).toPrecision(6), sorted: b.slice().sort(function (x, y) { return y - x; }),
      float: new Float32Array(new Uint8Array(b.slice(0, 4).concat([0, 0, 0, 0]).slice(0, 4)).buffer)[0],
      ints: Array.from(new Int16Array(new Uint8Array(b.slice(0, b.length & ~1)).buffer)), round: Math.round(seconds / 1000) / 10,
      escaped: encodeURIComponent(String.fromCharCode.apply(null, b)), set: [...new Set(b)].length, entries: Object.entries({ a: b[0], b: [] }),
      negative: -0, infinite: 1 / 0, json: JSON.parse(JSON.stringify({ u: undefined, d: new Date(0) })), reversed: [...b].reverse().join(','),
    },
  };
}
