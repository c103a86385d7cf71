'use strict';

/**
 * An echo server with figures for Prometheus at /metrics.
 *
 *   node examples/prometheus.js
 *   curl http://localhost:8080/metrics
 */

const http = require('http');

const { metrics, WebSocketServer } = require('..');

/**
 * Writes a metric in Prometheus' text format.
 *
 * @param {string} name Its name
 * @param {string} type 'counter', 'gauge' or 'histogram'
 * @param {string} help What it is
 * @param {Array} samples `[labels, value]` or `[labels, value, suffix]` each
 * @returns {string} The lines
 */
function format(name, type, help, samples) {
  const lines = samples.map(([labels, value, suffix = '']) => {
    const pairs = Object.entries(labels).map(
      ([label, text]) => `${label}=${JSON.stringify(String(text))}`
    );

    return `${name}${suffix}${pairs.length ? `{${pairs}}` : ''} ${value}`;
  });

  return [
    `# HELP ${name} ${help}`,
    `# TYPE ${name} ${type}`,
    ...lines,
    ''
  ].join('\n');
}

/**
 * @returns {string} All metrics
 */
function report() {
  const now = metrics();
  const roles = Object.entries(now.connections);
  const { batches, lag } = now;

  return [
    format(
      'websocket_connections',
      'gauge',
      'Connections that are open.',
      roles.flatMap(([role, { native, inline }]) => [
        [{ role, kind: 'native' }, native],
        [{ role, kind: 'inline' }, inline]
      ])
    ),
    format(
      'websocket_connections_total',
      'counter',
      'Connections that were opened.',
      roles.map(([role, { opened }]) => [{ role }, opened])
    ),
    format('websocket_messages_total', 'counter', 'Messages.', [
      [{ direction: 'in' }, now.received.messages],
      [{ direction: 'out' }, now.sent.messages]
    ]),
    format('websocket_payload_bytes_total', 'counter', 'Their bytes.', [
      [{ direction: 'in' }, now.received.bytes],
      [{ direction: 'out' }, now.sent.bytes]
    ]),
    format('websocket_pending_bytes', 'gauge', 'Bytes that wait to be sent.', [
      [{}, now.pendingBytes]
    ]),
    format(
      'websocket_errors_total',
      'counter',
      'Connections that have failed.',
      Object.entries(now.errors).map(([code, count]) => [{ code }, count])
    ),
    format(
      'websocket_delivery_lag_seconds',
      'histogram',
      'How long events wait for the event loop.',
      [
        ...lag.buckets.map(({ le, count }) => [
          { le: le === Infinity ? '+Inf' : le / 1000 },
          count,
          '_bucket'
        ]),
        [{}, (lag.mean * batches.count) / 1000, '_sum'],
        [{}, batches.count, '_count']
      ]
    )
  ].join('');
}

const server = http.createServer((request, response) => {
  if (request.url === '/metrics') {
    response.setHeader('Content-Type', 'text/plain; version=0.0.4');
    response.end(report());
  } else {
    response.writeHead(404).end();
  }
});
const wss = new WebSocketServer({ server });

wss.on('connection', (ws) => {
  ws.on('error', console.error);
  ws.on('message', (data, isBinary) => ws.send(data, { binary: isBinary }));
});

server.listen(Number(process.env.PORT ?? 8080), () => {
  const { port } = server.address();

  console.log(`Metrics of ws://localhost:${port} at http://localhost:${port}`);
});
