// Plain text with `code` and *emphasis*: elements, never HTML.
import { h, type Child } from './dom';

export function rich(text: string): readonly Child[] {
  return text.split('`').map((piece, index) => (index % 2 ? h('code', null, piece) : emphasised(piece)));
}

function emphasised(text: string): readonly Child[] {
  return text.split('*').map((piece, index) => (index % 2 ? h('strong', { class: 'num' }, piece) : piece));
}
