// What a device can be ordered to do, each with a step that confirms it, and what became of the last orders.
import { useSignal } from '@preact/signals';
import type { CommandOffer, DeviceCommand, DeviceDetail } from '../../contract';
import { c, commandWord } from '../../i18n/commands';
import { t } from '../../i18n';
import { asApiError, rest } from '../../link/rest';
import { Dialog } from '../../parts/dialog';
import { Field, onSubmit, useAttempt } from '../../parts/form';
import { Refusal } from '../../parts/refusal';
import { Loaded, useQuery } from '../../parts/states';
import { Time } from '../../parts/time';
import { asksForPort, buttonsOf, portOf, toneOf, withTold } from '../../state/commands';
import { mayOnceAwake } from '../../state/session';
import { toldCommands } from '../../state/store';
import { useOnce } from './once';

const nameOf = (device: DeviceDetail) => device.name || device.id;

function OrderDialog({ device, offer, onDone, onClose }: { device: DeviceDetail; offer: CommandOffer; onDone: () => void; onClose: () => void }) {
  const port = useSignal('');
  const reason = useSignal('');
  const wrongPort = useSignal(false);
  const attempt = useAttempt();
  const once = useOnce();
  const ported = asksForPort(device.kind, offer);
  const run = async () => {
    try {
      const on = ported ? portOf(port.value) : null;
      await rest.commandDevice(device.id, { command: offer.command, reason: reason.value.trim(), ...(on === null ? {} : { port: on }) }, once.key);
      once.answered();
    } catch (error) {
      once.after(asApiError(error));
      throw error;
    }
  };
  const submit = async () => {
    wrongPort.value = ported && portOf(port.value) === null;
    if (wrongPort.value || !(await attempt.run(run))) return;
    onDone();
    onClose();
  };
  return (
    <Dialog title={c('title', { command: commandWord('command', offer.command), name: nameOf(device) })} onClose={onClose}>
      <form onSubmit={onSubmit(submit)} data-order={offer.command}>
        {offer.dangerous && <p class="strip" role="note">{c('dangerous')}</p>}
        {ported && <Field label={c('port')} value={port} required name="port" inputMode="numeric" />}
        {wrongPort.value && <p class="note" role="alert">{c('port_wrong')}</p>}
        <Field label={c('reason')} value={reason} required name="reason" />
        <Refusal error={attempt.error} />
        <div class="dialog-acts">
          <button type="button" class="button" onClick={onClose}>{t('cancel')}</button>
          <button type="submit" class="button primary" disabled={attempt.busy}>{c('order')}</button>
        </div>
      </form>
    </Dialog>
  );
}

function Row({ command }: { command: DeviceCommand }) {
  const what = commandWord('command', command.command);
  return (
    <li data-command={command.id} data-tone={toneOf(command.state)}>
      <Time at={command.at} short />{' '}
      <b>{command.port === null ? what : c('on_port', { command: what, port: command.port })}</b>{' '}
      <span class={toneOf(command.state) === 'ill' ? 'mark strong' : 'mark'}>{commandWord('state', command.state)}</span>{' '}
      {c('by', { by: command.by, reason: command.reason })}
      {command.why && <small> · {command.why}</small>}
    </li>
  );
}

export function DeviceCommands({ device }: { device: DeviceDetail }) {
  const open = useSignal<CommandOffer | null>(null);
  const query = useQuery((how) => rest.deviceCommands(device.id, how), [device.id]);
  const may = mayOnceAwake('command');
  return (
    <>
      <Loaded query={query}>
        {({ commands, offers }) => {
          const buttons = buttonsOf(device.kind, offers);
          const list = withTold(commands, toldCommands.value, device.id);
          if (buttons.length === 0 && list.length === 0) return <></>; // nobody can order it about
          return (
            <section class="panel" data-commands>
              <h2>{c('commands')}</h2>
              {may && buttons.length > 0 && (
                <div class="dialog-acts">
                  {buttons.map((offer) => (
                    <button key={offer.command} type="button" class="button" data-act={offer.command} onClick={() => (open.value = offer)}>
                      {commandWord('command', offer.command)}
                    </button>
                  ))}
                </div>
              )}
              {list.length === 0 ? <p>{c('none')}</p> : <ul>{list.map((one) => <Row key={one.id} command={one} />)}</ul>}
            </section>
          );
        }}
      </Loaded>
      {open.value && <OrderDialog key={open.value.command} device={device} offer={open.value} onDone={query.refresh} onClose={() => (open.value = null)} />}
    </>
  );
}
