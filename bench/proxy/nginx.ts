import { mkdirSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';

const general = (directory: string, name: string, http: string) => `
worker_processes 1;
master_process off;
daemon off;
pid ${directory}/${name}.pid;
error_log ${directory}/${name}.log;
events { worker_connections 4096; }
http {
  access_log off;
  keepalive_requests 1000000000;
  types { text/html html; }
  client_body_temp_path ${directory}/${name}-body;
  proxy_temp_path ${directory}/${name}-proxy;
  fastcgi_temp_path ${directory}/${name}-fastcgi;
  uwsgi_temp_path ${directory}/${name}-uwsgi;
  scgi_temp_path ${directory}/${name}-scgi;
${http}
}
`;

/** A static server that stays out of the way. */
const origin = (port: number, directory: string) => `
  open_file_cache max=100;
  server { listen 127.0.0.1:${port}; root ${directory}/pages; }
`;

const upstream = (originPort: number) =>
  `upstream origin { server 127.0.0.1:${originPort}; keepalive 256; keepalive_requests 1000000000; }`;

const passOn = `proxy_pass http://origin;
    proxy_http_version 1.1;
    proxy_set_header Connection "";
    proxy_set_header Host $http_host;
    proxy_set_header X-Forwarded-For $remote_addr;
    proxy_set_header X-Forwarded-Proto $scheme;
    proxy_set_header X-Forwarded-Host $http_host;
    proxy_set_header X-Forwarded-Port $server_port;`;

const proxy = (port: number, originPort: number) => `
  ${upstream(originPort)}
  server { listen 127.0.0.1:${port}; location / {
    ${passOn}
  } }
`;

const cache = (port: number, originPort: number, directory: string) => `
  proxy_cache_path ${directory}/cache keys_zone=pages:10m;
  ${upstream(originPort)}
  server { listen 127.0.0.1:${port}; location / {
    ${passOn}
    proxy_cache pages;
    proxy_cache_valid 200 1h;
  } }
`;

export interface NginxPorts {
  readonly origin: number;
  readonly proxy: number;
  readonly cache: number;
}

/** Writes the configuration of each nginx: one process each, no log, kept-alive connections. Gives the files by name. */
export function writeNginxFiles(directory: string, ports: NginxPorts): Record<keyof NginxPorts, string> {
  const bodies = {
    origin: origin(ports.origin, directory),
    proxy: proxy(ports.proxy, ports.origin),
    cache: cache(ports.cache, ports.origin, directory),
  };
  mkdirSync(join(directory, 'cache'), { recursive: true });
  const write = (name: keyof NginxPorts): string => {
    const file = join(directory, `${name}.conf`);
    writeFileSync(file, general(directory, name, bodies[name]));
    return file;
  };
  return { origin: write('origin'), proxy: write('proxy'), cache: write('cache') };
}
