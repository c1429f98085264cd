import { describe, expect, it } from 'vitest';
import { Moves } from '../src/state/moves';

describe('Moves', () => {
  it('knows a row that was pushed down, and the row that came where it stood', () => {
    const moves = new Moves();
    moves.note(['pinned', 'a'], 0);
    moves.note(['pinned', 'new', 'a'], 1_000);
    expect(['pinned', 'new', 'a'].map((id) => moves.justMoved(id, 1_200))).toEqual([false, true, true]);
  });
  it('takes a press again a moment later', () => {
    const moves = new Moves();
    moves.note(['a'], 0);
    moves.note(['new', 'a'], 1_000);
    expect([moves.justMoved('a', 1_299), moves.justMoved('a', 1_300)]).toEqual([true, false]);
  });
  it('does not hold back the first rows, nor what is added at the end', () => {
    const moves = new Moves();
    moves.note(['a'], 0);
    moves.note(['a', 'b'], 10);
    expect([moves.justMoved('a', 20), moves.justMoved('b', 20)]).toEqual([false, false]);
  });
  it('knows a row that moved up because one above it left', () => {
    const moves = new Moves();
    moves.note(['a', 'b'], 0);
    moves.note(['b'], 500);
    expect(moves.justMoved('b', 600)).toBe(true);
  });
});
