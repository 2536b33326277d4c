// Traffic for live.py: a client and a server of the protocol on 127.0.0.1 that call and answer at a steady rate.
//
//   live_sender PORT FRAMES_PER_SECOND SECONDS PAYLOAD KEY ACCEPT [KEY ACCEPT]...
//
// There is a connection for each key of an upgrade and what accepts it. Each frame is a write of its own. At the end it prints how many frames both sides have sent, and how many seconds it took.
#include <arpa/inet.h>
#include <errno.h>
#include <netinet/in.h>
#include <netinet/tcp.h>
#include <poll.h>
#include <pthread.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/socket.h>
#include <time.h>
#include <unistd.h>

enum { most_connections = 64, header = 14, most_payload = 100 };

static int connections, payload;
static int server_sockets[most_connections];
static long answers;

static void fail(const char *what) {
  perror(what);
  exit(1);
}

static double now(void) {
  struct timespec time;
  clock_gettime(CLOCK_MONOTONIC, &time);
  return time.tv_sec + time.tv_nsec / 1e9;
}

static void send_all(int socket, const void *bytes, size_t count) {
  const char *next = bytes;
  while (count > 0) {
    ssize_t sent = send(socket, next, count, MSG_NOSIGNAL);
    if (sent < 0 && errno == EINTR) continue;
    if (sent <= 0) fail("send");
    next += sent;
    count -= (size_t)sent;
  }
}

// The message of a frame in revision 1.3.3, behind `at`.
static size_t put_message(uint8_t *at, uint32_t id, uint32_t sn) {
  uint32_t fields[3] = {(uint32_t)payload + 8, id, sn};
  at[0] = 0xFE;
  at[1] = 0xEF;
  for (int field = 0; field < 3; field++)
    for (int byte = 0; byte < 4; byte++) at[2 + field * 4 + byte] = (uint8_t)(fields[field] >> (8 * byte));
  memset(at + header, 'x', (size_t)payload);
  return (size_t)(header + payload);
}

static size_t call_size(void) { return 6 + header + (size_t)payload; }
static size_t answer_size(void) { return 2 + header + (size_t)payload; }

static void *serve(void *unused) {
  static uint8_t buffers[most_connections][1 << 16];
  size_t filled[most_connections] = {0};
  struct pollfd polls[most_connections];
  (void)unused;
  for (int each = 0; each < connections; each++) polls[each] = (struct pollfd){server_sockets[each], POLLIN, 0};
  for (int open = connections; open > 0;) {
    if (poll(polls, (nfds_t)connections, -1) < 0) fail("poll");
    for (int each = 0; each < connections; each++) {
      if (!polls[each].revents) continue;
      uint8_t *buffer = buffers[each];
      ssize_t count = read(polls[each].fd, buffer + filled[each], sizeof buffers[each] - filled[each]);
      if (count <= 0) {
        close(polls[each].fd);
        polls[each].fd = -1;
        open--;
        continue;
      }
      filled[each] += (size_t)count;
      size_t used = 0;
      for (; filled[each] - used >= call_size(); used += call_size()) {
        // The serial number stands behind the header of WebSocket, the masking key, the magic, the length and the id.
        uint8_t *key = buffer + used + 2, *masked = key + 4 + 10;
        uint32_t sn = 0;
        for (int byte = 0; byte < 4; byte++) sn |= (uint32_t)(masked[byte] ^ key[(10 + byte) & 3]) << (8 * byte);
        uint8_t answer[2 + header + most_payload] = {0x82, (uint8_t)(header + payload)};
        send_all(polls[each].fd, answer, 2 + put_message(answer + 2, 3, sn));
        __atomic_fetch_add(&answers, 1, __ATOMIC_RELAXED);
      }
      memmove(buffer, buffer + used, filled[each] - used);
      filled[each] -= used;
    }
  }
  return NULL;
}

static void read_head(int socket) {
  char head[4096] = "";
  size_t count = 0;
  while (!strstr(head, "\r\n\r\n")) {
    if (count + 1 >= sizeof head || read(socket, head + count, 1) != 1) fail("the upgrade");
    head[++count] = 0;
  }
}

int main(int argc, char **argv) {
  if (argc < 7 || argc % 2 == 0) return fprintf(stderr, "see the beginning of live_sender.c\n"), 2;
  double rate = atof(argv[2]), seconds = atof(argv[3]);
  payload = atoi(argv[4]);
  connections = (argc - 5) / 2;
  if (connections < 1 || connections > most_connections || payload < 0 || payload > most_payload) return 2;
  struct sockaddr_in address = {.sin_family = AF_INET, .sin_port = htons((uint16_t)atoi(argv[1]))};
  address.sin_addr.s_addr = htonl(INADDR_LOOPBACK);
  int listening = socket(AF_INET, SOCK_STREAM, 0), on = 1;
  setsockopt(listening, SOL_SOCKET, SO_REUSEADDR, &on, sizeof on);
  if (bind(listening, (struct sockaddr *)&address, sizeof address) < 0 || listen(listening, 64) < 0) fail("listen");
  int sockets[most_connections];
  for (int each = 0; each < connections; each++) {
    sockets[each] = socket(AF_INET, SOCK_STREAM, 0);
    if (connect(sockets[each], (struct sockaddr *)&address, sizeof address) < 0) fail("connect");
    server_sockets[each] = accept(listening, NULL, NULL);
    setsockopt(sockets[each], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    setsockopt(server_sockets[each], IPPROTO_TCP, TCP_NODELAY, &on, sizeof on);
    char head[512];
    int size = snprintf(
        head, sizeof head,
        "GET /join?uid=%d HTTP/1.1\r\nHost: 127.0.0.1\r\nConnection: Upgrade\r\nUpgrade: websocket\r\n"
        "Sec-WebSocket-Key: %.64s\r\nSec-WebSocket-Version: 13\r\n\r\n",
        each, argv[5 + 2 * each]);
    send_all(sockets[each], head, (size_t)size);
    read_head(server_sockets[each]);
    size = snprintf(
        head, sizeof head,
        "HTTP/1.1 101 Switching Protocols\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n"
        "Sec-WebSocket-Accept: %.64s\r\n\r\n",
        argv[6 + 2 * each]);
    send_all(server_sockets[each], head, (size_t)size);
    read_head(sockets[each]);
  }
  pthread_t server;
  pthread_create(&server, NULL, serve, NULL);

  const struct timespec pause = {0, 500000};
  double start = now();
  long calls = 0, wanted = (long)(rate * seconds / 2);
  long received = 0;
  uint32_t key = 0x12345678;
  while (calls < wanted || received < wanted * (long)answer_size()) {
    long due = (long)((now() - start) * rate / 2);
    for (; calls < wanted && calls < due; calls++) {
      uint8_t call[6 + header + most_payload] = {0x82, (uint8_t)(0x80 | (header + payload))};
      key = key * 1664525 + 1013904223;
      memcpy(call + 2, &key, 4);
      size_t size = put_message(call + 6, 2, (uint32_t)(calls / connections % 0x3FFFFFFF + 1) * 2);
      for (size_t byte = 0; byte < size; byte++) call[6 + byte] ^= call[2 + (byte & 3)];
      send_all(sockets[calls % connections], call, 6 + size);
    }
    for (int each = 0; each < connections; each++) {
      uint8_t rest[1 << 16];
      ssize_t count = recv(sockets[each], rest, sizeof rest, MSG_DONTWAIT);
      if (count > 0) received += count;
    }
    nanosleep(&pause, NULL);
  }
  double elapsed = now() - start;
  for (int each = 0; each < connections; each++) close(sockets[each]);
  pthread_join(server, NULL);
  printf("%ld %.3f\n", calls + answers, elapsed);
  return 0;
}
