// Starts a peer from its own folder, as its documentation says, with what is needed to run here: a port, Chromium, no sandbox for root.
// node peer-server.cjs <name> <folder> <port>; the Chromium is in PUPPETEER_EXECUTABLE_PATH.
const { createRequire } = require('node:module');
const { createServer } = require('node:net');
const { join } = require('node:path');

const [, , name, folder, port] = process.argv;
const load = createRequire(join(folder, 'package.json'));
const chromeLocation = process.env.PUPPETEER_EXECUTABLE_PATH;

/** Of the debugger, for those that need to be told one. */
function freePort() {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const { port } = server.address();
      server.close(() => resolve(port));
    });
  });
}

const start = {
  // As in the server.js that is published with it.
  async prerender() {
    const prerender = load('prerender');
    const server = prerender({
      port: Number(port),
      chromeLocation,
      browserDebuggingPort: await freePort(),
      extraChromeFlags: process.getuid?.() === 0 ? ['--no-sandbox'] : [],
    });
    server.use(prerender.sendPrerenderHeader());
    server.use(prerender.browserForceRestart());
    server.use(prerender.addMetaTags());
    server.use(prerender.removeScriptTags());
    server.use(prerender.httpHeaders());
    server.start();
  },
  async rendertron() {
    const { Rendertron } = load('rendertron');
    process.env.PORT = port;
    process.env.HOST = '127.0.0.1';
    await new Rendertron().initialize();
  },
  async 'ssr-proxy-js'() {
    const { SsrProxy } = load('ssr-proxy-js');
    const proxy = new SsrProxy({
      port: Number(port),
      hostname: '127.0.0.1',
      targetRoute: 'localhost:1',
      // Its default refuses every URL with a dot in it, the address of the machine included.
      ssr: { shouldUse: ({ isBot }) => isBot },
    });
    proxy.start();
  },
};

start[name]().catch((cause) => {
  console.error(cause);
  process.exit(1);
});
