// The keys. Single letters can be switched off (WCAG 2.1.4) and never act while something is being typed or a dialog is open.
import { acknowledge, actError, asking, silence } from './acts';
import { needsAcknowledgement } from './board';
import { isWall, navigate, route } from './route';
import { listNote, move, selected, settled } from './selection';
import { keys } from './settings';
import { board } from './store';

const kGoWithin = 1_500; // ms between G and the second letter
const kGo: Record<string, string> = { b: '/board', d: '/devices', h: '/history', s: '/health' };
let goAt = -Infinity;

function acknowledgeSelected(): void {
  const current = route.value;
  const alarm = current.page === 'alarm' ? board.value.alarms.get(current.id) : selected.value;
  if (!alarm || !needsAcknowledgement(alarm)) return;
  listNote.value = current.page !== 'alarm' && !settled();
  if (!listNote.value) acknowledge(alarm);
}

function openSelected(event: KeyboardEvent): void {
  const focused = (event.target as Element).closest('a, button, summary');
  if (focused || !selected.value) return;
  navigate(`/alarms/${encodeURIComponent(selected.value.id)}`);
}

function letter(event: KeyboardEvent): void {
  const key = event.key.toLowerCase();
  if (performance.now() - goAt < kGoWithin && kGo[key] && !isWall.value) {
    goAt = -Infinity;
    navigate(kGo[key]);
    return;
  }
  if (key === 'm') silence();
  if (isWall.value) return; // the wall shows and silences, nothing else
  const onBoard = route.value.page === 'board';
  if (key === 'a' && (onBoard || route.value.page === 'alarm')) acknowledgeSelected();
  else if (key === 'j' && onBoard) move(1);
  else if (key === 'k' && onBoard) move(-1);
  else if (key === 'g') goAt = performance.now();
  else if (key === '?') asking.value = { about: 'help' };
  else if (key === '/') {
    event.preventDefault();
    navigate('/devices');
    requestAnimationFrame(() => document.querySelector<HTMLInputElement>('[data-search]')?.focus());
  }
}

export function startKeyboard(): void {
  addEventListener('keydown', (event) => {
    if (event.ctrlKey || event.metaKey || event.altKey || asking.value) return;
    const typing = (event.target as Element).closest('input, select, textarea') !== null;
    if (typing) return;
    if (event.key === 'Escape') {
      if (actError.value) actError.value = null;
      else if (!isWall.value && route.value.page !== 'board') navigate('/board');
    } else if (event.key === 'Enter' && route.value.page === 'board') {
      openSelected(event);
    } else if (event.key.length === 1 && keys.value === 'on' && !event.repeat) {
      letter(event);
    }
  });
  addEventListener('keydown', () => (listNote.value = false), { capture: true });
}
