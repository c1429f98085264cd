const later = (value) => new Promise((resolve) => resolve(value));
async function decodeUplink(input) {
  const length = await later(input.bytes.length);
  if (length > 40) throw new RangeError(`too long: ${length}`);
  return { data: { length } };
}
