// Defines the element; a page needs nothing else.
import { definePlayground } from './element';

definePlayground();
