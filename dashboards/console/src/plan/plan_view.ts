// PlanView: a picture of a floor with marks on it, whatever draws it. Places are shares of the picture's width and height from the upper left,
// 0 to 1, as the gateway keeps them.
export interface Share {
  x: number;
  y: number;
}

export interface PlanImage {
  url: string;
  width: number; // points
  height: number;
}

export interface Mark {
  id: string;
  at: Share;
  element: HTMLElement; // what is seen of it; the view puts it there and moves it, and never looks inside
  on_top: number; // a higher one lies over a lower one
  draggable: boolean;
}

export interface PlanEvents {
  onPoint(at: Share): void; // somebody tapped the picture
  onMark(id: string): void; // or a mark
  onMoved(id: string, to: Share): void; // or dragged one
}

export interface PlanView {
  show(marks: readonly Mark[]): void; // in the place of those before
  lookAt(at: Share): void; // so that it can be seen, and nearer
  close(): void;
}

const kInside = (share: number) => Math.min(1, Math.max(0, share));
export const inside = ({ x, y }: Share): Share => ({ x: kInside(x), y: kInside(y) });

// By so many points of the picture.
export function moved(at: Share, image: PlanImage, right: number, down: number): Share {
  return inside({ x: at.x + right / image.width, y: at.y + down / image.height });
}

const kSteps: Readonly<Record<string, readonly [right: number, down: number]>> = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1] };
const kFar = 10; // points with Shift (design, console section 5)

// Where a key moves it; null: it is no such key.
export function movedBy(key: string, shift: boolean, at: Share, image: PlanImage): Share | null {
  const step = kSteps[key];
  return step ? moved(at, image, step[0] * (shift ? kFar : 1), step[1] * (shift ? kFar : 1)) : null;
}

// In points, as people read and type them.
export const pointsOf = (at: Share, image: PlanImage) => ({ x: Math.round(at.x * image.width), y: Math.round(at.y * image.height) });
export function shareOf(x: string, y: string, image: PlanImage): Share | null {
  const [right, down] = [Number(x), Number(y)];
  const known = x.trim() !== '' && y.trim() !== '' && right >= 0 && down >= 0 && right <= image.width && down <= image.height;
  return known ? { x: right / image.width, y: down / image.height } : null;
}
