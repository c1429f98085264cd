// Every way of saying no.
function decodeUplink(input) {
  switch (input.fPort % 5) {
    case 0: return { errors: ['port ' + input.fPort + ' is not ours'], warnings: ['nothing was read'] };
    case 1: return { data: null };
    case 2: return { data: { ok: true }, errors: [], warnings: ['short: ' + input.bytes.length] };
    case 3: return { data: input.bytes[0].toFixed(2) };
    default: return nothing.at.all;
  }
}
