// Native <dialog>: focus stays inside, Esc closes, focus goes back. Esc is taken here: a browser closes a dialog that came by
// itself (the PIN, asked for by the gateway) together with the one beneath, and what that one had to say would be lost.
import type { ComponentChildren } from 'preact';
import { useEffect, useId, useRef } from 'preact/hooks';

export function Dialog({ title, onClose, children }: { title: string; onClose: () => void; children: ComponentChildren }) {
  const element = useRef<HTMLDialogElement>(null);
  const id = useId();
  useEffect(() => element.current?.showModal(), []);
  const onKeyDown = (event: KeyboardEvent) => {
    if (event.key !== 'Escape') return;
    event.preventDefault();
    event.stopPropagation();
    element.current?.close();
  };
  return (
    <dialog ref={element} class="dialog" aria-labelledby={id} onClose={onClose} onKeyDown={onKeyDown}>
      <h2 id={id}>{title}</h2>
      {children}
    </dialog>
  );
}
