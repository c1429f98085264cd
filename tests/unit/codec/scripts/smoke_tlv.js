// Channel, type, value, as several makers have it, with all the entrances that network servers ask for.
function decodeUplink(input) {
    var decoded = smokeDecode(input.bytes);
    return { data: decoded };
}

function Decode(fPort, bytes) { return smokeDecode(bytes); }
function Decoder(bytes, port) { return smokeDecode(bytes); }

function smokeDecode(bytes) {
    var decoded = {};
    for (var i = 0; i < bytes.length; ) {
        var channel_id = bytes[i++];
        var channel_type = bytes[i++];
        if (channel_id === 0x01 && channel_type === 0x75) {
            decoded.battery = bytes[i];
            i += 1;
        } else if (channel_id === 0x03 && channel_type === 0x67) {
            decoded.temperature = readInt16LE(bytes.slice(i, i + 2)) / 10;
            i += 2;
        } else if (channel_id === 0x05 && channel_type === 0x00) {
            decoded.smoke_status = bytes[i] === 1 ? "alarm" : "normal";
            i += 1;
        } else if (channel_id === 0xff && channel_type === 0x0b) {
            decoded.started_at = new Date((bytes[i] | bytes[i + 1] << 8) * 86400000).toISOString();
            i += 2;
        } else {
            break;
        }
    }
    return decoded;
}

function readInt16LE(bytes) {
    var ref = (bytes[1] << 8) + bytes[0];
    return ref > 0x7fff ? ref - 0x10000 : ref;
}
