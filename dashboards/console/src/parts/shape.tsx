// A class as a shape with a glyph: told apart without colour (design, console section 7).
import type { Lamp } from '../contract';
import { t } from '../i18n';

const kOutlines: Record<Lamp, string> = {
  fire: 'M14 3h20l11 11v20L34 45H14L3 34V14z',
  life_threat: 'M24 2l22 17-8 27H10L2 19z',
  pre_alarm: 'M24 1l23 23-23 23L1 24z',
  supervisory: 'M13 4h22l11 20-11 20H13L2 24z',
  fault: 'M24 4l22 40H2z',
  disablement: 'M5 5h38v38H5z',
  test: 'M5 5h38v38H5z',
};
const kLow: Partial<Record<Lamp, number>> = { fault: 39, life_threat: 35 }; // baseline of the glyph

export function Shape({ lamp }: { lamp: Lamp }) {
  const outline = kOutlines[lamp];
  if (!outline) return null;
  return (
    <svg class={`shape lamp-${lamp}`} viewBox="0 0 48 48" aria-hidden="true" focusable="false">
      <path class="shape-fill" d={outline} />
      {lamp === 'disablement' && <path class="shape-bar" d="M5 43L43 5" />}
      <text class="shape-glyph" x="24" y={kLow[lamp] ?? 33} text-anchor="middle">
        {t(`glyph_${lamp}`)}
      </text>
    </svg>
  );
}
