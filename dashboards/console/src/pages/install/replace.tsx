// Another piece of hardware in the same place, in four taps: replace, the one that has just spoken, why, done.
import { useSignal } from '@preact/signals';
import type { DeviceDetail, UnmappedDevice } from '../../contract';
import { t, word } from '../../i18n';
import { i } from '../../i18n/install';
import { asApiError, rest } from '../../link/rest';
import { Dialog } from '../../parts/dialog';
import { onSubmit, useAttempt } from '../../parts/form';
import { Loaded } from '../../parts/states';
import type { Kind } from '../../state/kinds';
import { useOnce } from './once';
import { FieldRefusal, Reason, useEvery, useKeptQuery } from './parts';
import { EntryFacts, newestFirst, Suggestion } from './tray';

const kRefresh = 3_000;

// Those of the same kind first, then those that say nothing of it.
function likeliestFirst(entries: readonly UnmappedDevice[], kind: Kind): UnmappedDevice[] {
  const rank = ({ suggestion }: UnmappedDevice) => (suggestion === null ? 1 : suggestion.kind === kind ? 0 : 2);
  return newestFirst(entries).sort((a, b) => rank(a) - rank(b));
}

interface Props {
  device: DeviceDetail;
  onDone: () => void;
  onClose: () => void;
}

function Chosen({ device, entry, onDone, onClose }: Props & { entry: UnmappedDevice }) {
  const reason = useSignal(i('replace_default'));
  const once = useOnce();
  const attempt = useAttempt();
  const seems = entry.suggestion?.kind ?? null;
  const other = seems !== null && seems !== device.kind ? seems : null;
  const submit = async () => {
    const done = await attempt.run(async () => {
      try {
        await rest.replaceDevice(device.id, { key: entry.key, reason: reason.value.trim(), ...(other ? { kind: other } : {}) }, once.key);
        once.answered();
      } catch (error) {
        once.after(asApiError(error));
        throw error;
      }
    });
    if (!done) return;
    onDone();
    onClose();
  };
  return (
    <form onSubmit={onSubmit(submit)} data-form="replace">
      <p><b>{entry.address}</b></p>
      <Suggestion entry={entry} />
      <EntryFacts entry={entry} />
      {other && <p class="strip" role="note" data-other-kind>{i('replace_kind', { seems: word('kind', other), is: word('kind', device.kind) })}</p>}
      <Reason of="why_replaced" value={reason} />
      <FieldRefusal error={attempt.error} />
      <div class="dialog-acts">
        <button type="button" class="button" onClick={onClose}>{t('cancel')}</button>
        <button type="submit" class="button primary large" data-act="sure" disabled={attempt.busy}>
          {other ? i('replace_anyway', { kind: word('kind', other) }) : i('replace')}
        </button>
      </div>
    </form>
  );
}

export function ReplaceDialog({ device, onDone, onClose }: Props) {
  const query = useKeptQuery('tray', rest.unmapped, []);
  useEvery(kRefresh, query.refresh);
  const entry = useSignal<UnmappedDevice | null>(null);
  return (
    <Dialog title={i('replace_title', { name: device.name || device.id })} onClose={onClose}>
      {entry.value ? <Chosen device={device} entry={entry.value} onDone={onDone} onClose={onClose} /> : (
        <>
          <p>{i('replace_text')}</p>
          <Loaded query={query}>
            {({ devices }) => (devices.length === 0 ? <p role="status">{i('replace_none')}</p> : (
              <ul class="choices">
                {likeliestFirst(devices, device.kind).map((one) => (
                  <li key={one.key}>
                    <button type="button" class="button choice-button" data-choose={one.key} onClick={() => (entry.value = one)}>
                      <b>{one.address}</b>
                      <span>{one.suggestion ? word('kind', one.suggestion.kind) : i('looks_like_nothing')}</span>
                    </button>
                  </li>
                ))}
              </ul>
            ))}
          </Loaded>
          <div class="dialog-acts"><button type="button" class="button" onClick={onClose}>{t('cancel')}</button></div>
        </>
      )}
    </Dialog>
  );
}
