import { buildRendering } from '../../src/rendering/rendering.ts';
import { startRenderingThread } from '../../src/rendering/rendering-thread.ts';
import { describeRendering } from '../contract/rendering.ts';

describeRendering('rendering in the thread that asks for it', buildRendering);
describeRendering('rendering in a thread of its own', startRenderingThread);
