/**
 * Makes a fresh clone ready, before `npm start` and `npm test`: dependencies, Chromium, the built demo. Does nothing, quickly,
 * when all is there. Plain JavaScript that any Node from 18 on runs, since it is what brings the Node that the rest needs.
 */
import { ensureChromium } from './bootstrap/chromium.mjs';
import { ensureDemo } from './bootstrap/demo.mjs';
import { ensureDependencies } from './bootstrap/dependencies.mjs';

const root = process.cwd();

try {
  const dependencies = ensureDependencies(root);
  await Promise.all([dependencies.then(() => ensureDemo(root)), ensureChromium(root, dependencies)]);
} catch (cause) {
  process.stderr.write(`bootstrap: ${cause instanceof Error ? cause.message : String(cause)}\n`);
  process.exitCode = 1;
}
