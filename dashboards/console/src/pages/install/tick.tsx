// The device has spoken: a tick that is seen at arm's length, while the phone buzzes (state/outbox_desk).
import { i } from '../../i18n/install';
import { buzzed } from '../../state/outbox_desk';

export function Tick({ names }: { names: ReadonlyMap<string, string> }) {
  const shown = buzzed.value.filter((device) => names.has(device));
  if (shown.length === 0) return <div role="status" />;
  return (
    <div role="status">
      <div class="panel tick" data-tick={shown[0]}>
        <span class="tick-mark" aria-hidden="true">✓</span>
        <strong>{i('test_passed_name', { name: names.get(shown[0]!)! })}</strong>
        {shown.length > 1 && <ul>{shown.slice(1, 6).map((device) => <li key={device}>✓ {names.get(device)}</li>)}</ul>}
        <button type="button" class="button" data-act="seen" onClick={() => (buzzed.value = buzzed.peek().filter((one) => !names.has(one)))}>{i('test_seen')}</button>
      </div>
    </div>
  );
}
