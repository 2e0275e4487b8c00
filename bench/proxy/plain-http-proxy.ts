/** http-proxy as people use it, with what its own documentation advises for speed: kept-alive connections. */
import http from 'node:http';
import httpProxy from 'http-proxy';

const [, , target = '', port = ''] = process.argv;
const agent = new http.Agent({ keepAlive: true, maxSockets: 256, maxFreeSockets: 256 });
const proxy = httpProxy.createProxyServer({ target, agent, xfwd: true });
proxy.on('error', (_error, _request, response) => void ('writeHead' in response && response.writeHead(502).end()));
http.createServer((request, response) => proxy.web(request, response)).listen(Number(port), '127.0.0.1');
