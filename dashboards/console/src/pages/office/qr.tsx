// A QR code, drawn here: what it says is often a secret, and must not stand in an address that somebody on the way writes down.
import qrcode from 'qrcode-generator';

const kQuiet = 4; // modules of white around it (ISO/IEC 18004, 5.3.8)

// The dark modules, as one path of squares.
function squares(code: ReturnType<typeof qrcode>): string {
  const size = code.getModuleCount();
  let path = '';
  for (let y = 0; y < size; y += 1) {
    for (let x = 0; x < size; x += 1) if (code.isDark(y, x)) path += `M${x} ${y}h1v1h-1z`;
  }
  return path;
}

export function Qr({ text, label }: { text: string; label: string }) {
  const code = qrcode(0, 'M');
  code.addData(text);
  code.make();
  const size = code.getModuleCount();
  return (
    <svg class="qr" role="img" aria-label={label} viewBox={`${-kQuiet} ${-kQuiet} ${size + 2 * kQuiet} ${size + 2 * kQuiet}`} shape-rendering="crispEdges">
      <path d={squares(code)} />
    </svg>
  );
}
