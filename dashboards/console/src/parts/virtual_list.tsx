// A long table of which only the rows in view exist. Rows are fetched in blocks, as they come into view.
import { useSignal } from '@preact/signals';
import type { ComponentChildren } from 'preact';
import { useEffect, useRef } from 'preact/hooks';

const kSpare = 8; // rows kept above and below the view

export interface VirtualListProps {
  total: number;
  rowHeight: number; // px
  label: string;
  header: ComponentChildren;
  row: (index: number) => ComponentChildren;
  onView: (first: number, last: number) => void;
}

export function VirtualList({ total, rowHeight, label, header, row, onView }: VirtualListProps) {
  const body = useRef<HTMLDivElement>(null);
  const first = useSignal(0);
  const last = useSignal(30);
  useEffect(() => {
    const look = () => {
      const box = body.current?.getBoundingClientRect();
      if (!box) return;
      const above = Math.max(0, -box.top);
      first.value = Math.max(0, Math.floor(above / rowHeight) - kSpare);
      last.value = Math.min(total, Math.ceil((above + innerHeight) / rowHeight) + kSpare);
      onView(first.value, last.value);
    };
    look();
    addEventListener('scroll', look, { passive: true });
    addEventListener('resize', look);
    return () => {
      removeEventListener('scroll', look);
      removeEventListener('resize', look);
    };
  }, [total, rowHeight, onView]);
  const shown = [];
  for (let index = first.value; index < Math.min(last.value, total); index += 1) {
    shown.push(
      <div key={index} class="virtual-row" role="row" aria-rowindex={index + 2}
        style={{ top: `${index * rowHeight}px`, height: `${rowHeight}px` }}>
        {row(index)}
      </div>,
    );
  }
  return (
    <div role="table" aria-label={label} aria-rowcount={total + 1} class="virtual">
      <div role="rowgroup"><div role="row" aria-rowindex={1} class="virtual-head">{header}</div></div>
      <div role="rowgroup" ref={body} class="virtual-body" style={{ height: `${total * rowHeight}px` }}>{shown}</div>
    </div>
  );
}
