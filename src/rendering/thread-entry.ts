import { keepCompiled } from '../compile-cache.ts';

// Where the rendering thread begins: each thread keeps its own compiled code, and only of what it imports from now on.
keepCompiled();
await import('./thread-main.ts');
