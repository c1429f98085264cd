// ChirpStack v3: Decode(fPort, bytes, variables).
function Decode(fPort, bytes, variables) {
  var sum = 0;
  for (var i = 0; i < bytes.length; i++) sum = (sum * 31 + bytes[i]) >>> 0;
  return {"port": fPort, "sum": sum, "mean": bytes.length ? sum / bytes.length : NaN, "variables": typeof variables, "none": undefined};
}
