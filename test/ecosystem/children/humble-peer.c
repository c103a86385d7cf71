/*
 * A peer on libwebsockets that exchanges frames as HumbleNet does: subprotocol
 * "humblepeer", binary messages of a size, a CRC-32 (both little-endian) and a
 * body.
 *
 *   humble-peer server [deflate]        prints its port, sends back what is
 *                                       right, closes with 4000 what is not
 *   humble-peer client PORT [deflate]   sends frames, expects each back, closes
 *                                       with 3000 and prints how many there were
 */

#include <libwebsockets.h>
#include <signal.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

#define HEADER 8

static const size_t sizes[] = {0, 1, 117, 118, 4096, 65527, 65528, 1000000};
static const unsigned count = sizeof(sizes) / sizeof(sizes[0]);

struct peer {
  uint8_t *rx;
  size_t rx_length;
  int complete;
  uint8_t *tx;
  size_t tx_length;
  int pending; /* libwebsockets also says "writeable" by itself */
  unsigned next;
};

static volatile int interrupted;
static int succeeded;

static uint32_t crc32_of(const uint8_t *data, size_t length) {
  uint32_t crc = 0xffffffffu;

  while (length--) {
    crc ^= *data++;
    for (int bit = 0; bit < 8; bit++) {
      crc = (crc >> 1) ^ (crc & 1 ? 0xedb88320u : 0);
    }
  }
  return ~crc;
}

static uint32_t read_u32(const uint8_t *p) {
  return p[0] | (uint32_t)p[1] << 8 | (uint32_t)p[2] << 16 |
         (uint32_t)p[3] << 24;
}

static void write_u32(uint8_t *p, uint32_t value) {
  for (int i = 0; i < 4; i++) p[i] = (uint8_t)(value >> (8 * i));
}

static int is_right(const uint8_t *frame, size_t length) {
  return length >= HEADER && read_u32(frame) == length - HEADER &&
         read_u32(frame + 4) == crc32_of(frame + HEADER, length - HEADER);
}

static void set_tx(struct peer *peer, const uint8_t *frame, size_t length) {
  free(peer->tx);
  peer->tx = malloc(LWS_PRE + length);
  peer->tx_length = length;
  peer->pending = 1;
  if (frame) memcpy(peer->tx + LWS_PRE, frame, length);
}

static void make_frame(struct peer *peer, size_t size) {
  uint8_t *frame;

  set_tx(peer, NULL, HEADER + size);
  frame = peer->tx + LWS_PRE;
  for (size_t i = 0; i < size; i++) frame[HEADER + i] = (uint8_t)(i * 7 + size);
  write_u32(frame, (uint32_t)size);
  write_u32(frame + 4, crc32_of(frame + HEADER, size));
}

/* Returns whether the message is complete. */
static int collect(struct lws *wsi, struct peer *peer, void *in, size_t length) {
  if (peer->complete) peer->rx_length = 0;
  peer->rx = realloc(peer->rx, peer->rx_length + length + 1);
  memcpy(peer->rx + peer->rx_length, in, length);
  peer->rx_length += length;
  peer->complete =
      lws_is_final_fragment(wsi) && !lws_remaining_packet_payload(wsi);
  return peer->complete;
}

static int fail(struct lws *wsi, const char *why) {
  lws_close_reason(wsi, 4000, (unsigned char *)why, strlen(why));
  return -1;
}

static int flush(struct lws *wsi, struct peer *peer) {
  int length = (int)peer->tx_length;

  peer->pending = 0;
  return lws_write(wsi, peer->tx + LWS_PRE, peer->tx_length,
                   LWS_WRITE_BINARY) < length
             ? -1
             : 0;
}

static int on_server(struct lws *wsi, enum lws_callback_reasons reason,
                     void *user, void *in, size_t length) {
  struct peer *peer = user;

  switch (reason) {
    case LWS_CALLBACK_RECEIVE:
      if (!collect(wsi, peer, in, length)) return 0;
      if (!lws_frame_is_binary(wsi)) return fail(wsi, "not binary");
      if (!is_right(peer->rx, peer->rx_length)) return fail(wsi, "not right");
      set_tx(peer, peer->rx, peer->rx_length);
      lws_rx_flow_control(wsi, 0);
      lws_callback_on_writable(wsi);
      return 0;
    case LWS_CALLBACK_SERVER_WRITEABLE:
      if (!peer->pending) return 0;
      if (flush(wsi, peer) < 0) return -1;
      lws_rx_flow_control(wsi, 1);
      return 0;
    case LWS_CALLBACK_CLOSED:
      free(peer->rx);
      free(peer->tx);
      return 0;
    default:
      return lws_callback_http_dummy(wsi, reason, user, in, length);
  }
}

static int on_client(struct lws *wsi, enum lws_callback_reasons reason,
                     void *user, void *in, size_t length) {
  struct peer *peer = user;

  switch (reason) {
    case LWS_CALLBACK_CLIENT_ESTABLISHED:
      make_frame(peer, sizes[0]);
      lws_callback_on_writable(wsi);
      return 0;
    case LWS_CALLBACK_CLIENT_WRITEABLE:
      return peer->pending ? flush(wsi, peer) : 0;
    case LWS_CALLBACK_CLIENT_RECEIVE:
      if (!collect(wsi, peer, in, length)) return 0;
      if (!lws_frame_is_binary(wsi)) return fail(wsi, "not binary");
      /* What was sent cannot be compared: it was masked in place. */
      if (peer->rx_length != HEADER + sizes[peer->next] ||
          !is_right(peer->rx, peer->rx_length)) {
        return fail(wsi, "not what was sent");
      }
      if (++peer->next == count) {
        lws_close_reason(wsi, 3000, (unsigned char *)"done", 4);
        return -1;
      }
      make_frame(peer, sizes[peer->next]);
      lws_callback_on_writable(wsi);
      return 0;
    case LWS_CALLBACK_CLIENT_CONNECTION_ERROR:
      fprintf(stderr, "%s\n", in ? (char *)in : "no connection");
      interrupted = 1;
      return 0;
    case LWS_CALLBACK_CLIENT_CLOSED:
      printf("%u\n", peer->next);
      succeeded = peer->next == count;
      interrupted = 1;
      free(peer->rx);
      free(peer->tx);
      return 0;
    default:
      return lws_callback_http_dummy(wsi, reason, user, in, length);
  }
}

static const struct lws_extension extensions[] = {
    {"permessage-deflate", lws_extension_callback_pm_deflate,
     "permessage-deflate; client_max_window_bits"},
    {NULL, NULL, NULL}};

static void on_signal(int number) {
  (void)number;
  interrupted = 1;
}

int main(int argc, char **argv) {
  int is_client = argc > 2 && !strcmp(argv[1], "client");
  struct lws_protocols protocols[] = {
      {"humblepeer", is_client ? on_client : on_server, sizeof(struct peer),
       4096, 0, NULL, 0},
      {NULL, NULL, 0, 0, 0, NULL, 0}};
  struct lws_context_creation_info info = {0};
  struct lws_context *context;

  signal(SIGTERM, on_signal);
  lws_set_log_level(LLL_ERR, NULL);
  info.port = is_client ? CONTEXT_PORT_NO_LISTEN : 0;
  info.iface = is_client ? NULL : "127.0.0.1";
  info.protocols = protocols;
  info.extensions = strcmp(argv[argc - 1], "deflate") ? NULL : extensions;
  context = lws_create_context(&info);
  if (!context) return 1;

  if (is_client) {
    struct lws_client_connect_info connect = {0};

    connect.context = context;
    connect.address = "127.0.0.1";
    connect.host = connect.address;
    connect.port = atoi(argv[2]);
    connect.path = "/";
    connect.protocol = "humblepeer";
    if (!lws_client_connect_via_info(&connect)) return 1;
  } else {
    struct lws_vhost *vhost = lws_get_vhost_by_name(context, "default");

    printf("%d\n", lws_get_vhost_listen_port(vhost));
    fflush(stdout);
  }

  while (!interrupted) lws_service(context, 0);
  lws_context_destroy(context);
  return is_client && !succeeded;
}
