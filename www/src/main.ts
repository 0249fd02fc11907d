// Defines the element; a page needs nothing else. Small: what a playground is made of comes when the first one is seen.
import { definePlayground } from './element';

const here = import.meta.url;
definePlayground(new URL(import.meta.env.DEV ? '../' : './', here));
