// The address that a label says: permanent, and short enough for a coarse code. On whatever host the gateway was asked by, which is the one
// that phones on site use.
export const labelUrl = (origin: string, id: string): string => `${origin}/d/${encodeURIComponent(id)}`;
