// Where the boxes of the stage graph stand, by dagre, and the curves between them.
import { Graph, layout } from '@dagrejs/dagre';
import type { Box } from './graph-model';

export const WIDTH = 256;
export const ROW = 22;
export const HEAD = 44;

export interface Placed {
  readonly box: Box;
  readonly x: number;
  readonly y: number;
  readonly height: number;
}

export interface Edge {
  readonly from: Box | undefined;
  readonly to: Box | undefined;
  /** A stage continues another (`from`), or takes files out of it (`copy`), or the image comes out (`image`). */
  readonly kind: 'from' | 'copy' | 'image';
  readonly points: readonly Point[];
  readonly path: string;
}

interface Point {
  readonly x: number;
  readonly y: number;
}

export interface Picture {
  readonly width: number;
  readonly height: number;
  readonly boxes: readonly Placed[];
  readonly edges: readonly Edge[];
}

/** In the order of the file where no lines cross that way, else as dagre finds best. */
export function place(boxes: readonly Box[]): Picture {
  const plain = arrange(boxes, true);
  return crossings(plain) === 0 ? plain : arrange(boxes, false);
}

function arrange(boxes: readonly Box[], inOrder: boolean): Picture {
  const graph = new Graph().setGraph({ rankdir: 'TB', nodesep: 18, ranksep: 38, marginx: 6, marginy: 6 });
  graph.setDefaultEdgeLabel(() => ({}));
  for (const box of boxes) graph.setNode(box.key, { width: WIDTH, height: box.rows.length > 0 ? HEAD + box.rows.length * ROW + 6 : HEAD });
  for (const box of boxes) for (const need of box.stage?.needs ?? []) graph.setEdge(String(need), box.key);
  const target = boxes.find((box) => box.stage?.isTarget);
  if (target && boxes.some((box) => box.image)) graph.setEdge(target.key, 'image');
  layout(graph, { disableOptimalOrderHeuristic: inOrder });
  const { width = 0, height = 0 } = graph.graph() as { width?: number; height?: number };
  const byKey = (key: string) => boxes.find((box) => box.key === key);
  return {
    width,
    height,
    boxes: boxes.map((box) => {
      const node = graph.node(box.key) as Point & { height: number };
      return { box, x: node.x - WIDTH / 2, y: node.y - node.height / 2, height: node.height };
    }),
    edges: graph.edges().map((edge) => {
      const [from, to] = [byKey(edge.v), byKey(edge.w)];
      const { points } = graph.edge(edge) as { points: readonly Point[] };
      return { from, to, kind: to?.image ? 'image' : to?.stage?.base === from?.title ? 'from' : 'copy', points, path: curve(points) };
    }),
  };
}

/** How often the lines cross, bend by bend. */
function crossings({ edges }: Picture): number {
  const pieces = edges.flatMap((edge, index) => edge.points.slice(1).map((to, at) => ({ index, from: edge.points[at]!, to })));
  const side = (a: Point, b: Point, c: Point) => Math.sign((b.x - a.x) * (c.y - a.y) - (b.y - a.y) * (c.x - a.x));
  const cross = (a: (typeof pieces)[number], b: (typeof pieces)[number]) => a.index !== b.index && side(a.from, a.to, b.from) * side(a.from, a.to, b.to) < 0 && side(b.from, b.to, a.from) * side(b.from, b.to, a.to) < 0;
  return pieces.reduce((sum, piece, at) => sum + pieces.slice(at + 1).filter((other) => cross(piece, other)).length, 0);
}

/** A smooth line through dagre's bends. */
function curve(points: readonly Point[]): string {
  const [first, ...rest] = points;
  if (!first) return '';
  const text = (point: Point) => `${point.x.toFixed(1)} ${point.y.toFixed(1)}`;
  let path = `M${text(first)}`;
  for (const [index, point] of rest.entries()) {
    const next = rest[index + 1];
    path += next ? `Q${text(point)} ${text({ x: (point.x + next.x) / 2, y: (point.y + next.y) / 2 })}` : `L${text(point)}`;
  }
  return path;
}

export function clip(text: string, characters: number): string {
  return text.length > characters ? `${text.slice(0, characters - 1)}…` : text;
}
