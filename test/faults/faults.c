// Makes one system call or allocation of the addon fail, for fault.test.js:
//
//   cc -shared -fPIC -fexceptions faults.c -o faults.so -ldl -pthread
//   LD_PRELOAD=./faults.so node ...
//
// A program arms it by process.env.BEASTWS_FAULT = '<call>:<error>:<n>': the
// n-th call of that name fails with that number of an error. -1 cuts it to one
// byte instead. process.env.BEASTWS_FAULT_SEEN then tells how many such calls
// were made, as '<made>:<failed>', when BEASTWS_FAULT_ASK is set.
//
// Only calls that come from the addon count, or from the C++ library on behalf
// of the I/O thread: those of Node and V8 are left alone.

#define _GNU_SOURCE
#include <dlfcn.h>
#include <errno.h>
#include <fcntl.h>
#include <link.h>
#include <pthread.h>
#include <stdarg.h>
#include <stdatomic.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/epoll.h>
#include <sys/socket.h>
#include <sys/timerfd.h>
#include <sys/uio.h>
#include <unistd.h>

#define CUT -1
#define MAX_RANGES 8
#define MAX_DESCRIPTORS 4096

struct range {
  uintptr_t begin, end;
};

static struct range addon[MAX_RANGES], library[MAX_RANGES];
static int addon_count, library_count;

static char armed_call[32];
static int armed_error;
static atomic_int armed;
static atomic_int made, failed, which;

// How the addon has registered a descriptor: where a call says falsely that
// there is nothing to do, the kernel must say once more that there is.
static struct {
  int poll;
  struct epoll_event event;
} registered[MAX_DESCRIPTORS];

static __thread int is_io_thread __attribute__((tls_model("initial-exec")));
static __thread int in_new __attribute__((tls_model("initial-exec")));
static __thread int fail_malloc __attribute__((tls_model("initial-exec")));

#define REAL(name)                \
  static __typeof__(name) *real; \
  if (real == NULL) real = (__typeof__(name) *)dlsym(RTLD_NEXT, #name)

static int note_object(struct dl_phdr_info *info, size_t size, void *data) {
  const char *name = info->dlpi_name;
  const size_t length = strlen(name);
  int is_addon = length > 5 && strcmp(name + length - 5, ".node") == 0;
  int is_library = strstr(name, "libstdc++.so") != NULL;
  (void)size;
  (void)data;
  if (!is_addon && !is_library) return 0;
  for (int i = 0; i < info->dlpi_phnum; ++i) {
    const ElfW(Phdr) *header = &info->dlpi_phdr[i];
    struct range *list = is_addon ? addon : library;
    int *count = is_addon ? &addon_count : &library_count;
    if (header->p_type != PT_LOAD || !(header->p_flags & PF_X)) continue;
    if (*count == MAX_RANGES) continue;
    list[*count].begin = info->dlpi_addr + header->p_vaddr;
    list[*count].end = list[*count].begin + header->p_memsz;
    ++*count;
  }
  return 0;
}

static int is_in(const struct range *list, int count, const void *address) {
  for (int i = 0; i < count; ++i) {
    if ((uintptr_t)address >= list[i].begin &&
        (uintptr_t)address < list[i].end) {
      return 1;
    }
  }
  return 0;
}

// Whether a call is to fail, and how: 0, an error, or CUT.
static int fault(const char *call, const void *caller) {
  if (!atomic_load(&armed) || strcmp(call, armed_call) != 0) return 0;
  if (!is_in(addon, addon_count, caller) &&
      !(is_io_thread && is_in(library, library_count, caller))) {
    return 0;
  }
  if (atomic_fetch_add(&made, 1) + 1 != atomic_load(&which)) return 0;
  atomic_fetch_add(&failed, 1);
  return armed_error;
}

#define FAULT(call) fault(call, __builtin_return_address(0))

// What is ready is reported again.
static void report_again(int descriptor) {
  static int (*control)(int, int, int, struct epoll_event *);
  if (control == NULL) control = dlsym(RTLD_NEXT, "epoll_ctl");
  if (descriptor < 0 || descriptor >= MAX_DESCRIPTORS) return;
  if (registered[descriptor].poll == 0) return;
  struct epoll_event event = registered[descriptor].event;
  control(registered[descriptor].poll, EPOLL_CTL_MOD, descriptor, &event);
}

static int fail_with(int error, int descriptor) {
  if (error == EAGAIN) report_again(descriptor);
  errno = error;
  return -1;
}

// --- Control ---

int setenv(const char *name, const char *value, int overwrite) {
  REAL(setenv);
  if (strcmp(name, "BEASTWS_FAULT") == 0) {
    int number = 0;
    atomic_store(&armed, 0);
    addon_count = library_count = 0;
    dl_iterate_phdr(note_object, NULL);
    atomic_store(&made, 0);
    atomic_store(&failed, 0);
    if (sscanf(value, "%31[^:]:%d:%d", armed_call, &armed_error, &number) ==
        3) {
      atomic_store(&which, number);
      atomic_store(&armed, 1);
    }
    return 0;
  }
  if (strcmp(name, "BEASTWS_FAULT_ASK") == 0) {
    char text[64];
    snprintf(text, sizeof(text), "%d:%d", atomic_load(&made),
             atomic_load(&failed));
    return real("BEASTWS_FAULT_SEEN", text, 1);
  }
  return real(name, value, overwrite);
}

int pthread_setname_np(pthread_t thread, const char *name) {
  REAL(pthread_setname_np);
  if (strcmp(name, "beastws-io") == 0) is_io_thread = 1;
  return real(thread, name);
}

// --- Memory ---

// The name of operator new(size_t), which throws.
void *_Znwm(size_t size) {
  REAL(_Znwm);
  fail_malloc = FAULT("new") != 0;
  in_new = 1;
  void *memory = real(size);
  in_new = 0;
  return memory;
}

void *_Znam(size_t size) {
  REAL(_Znam);
  fail_malloc = FAULT("new") != 0;
  in_new = 1;
  void *memory = real(size);
  in_new = 0;
  return memory;
}

extern void *__libc_malloc(size_t size);
extern void *__libc_realloc(void *memory, size_t size);

void *malloc(size_t size) {
  if (fail_malloc) {
    fail_malloc = in_new = 0;
    errno = ENOMEM;
    return NULL;
  }
  if (!in_new && atomic_load(&armed) && FAULT("malloc") != 0) {
    errno = ENOMEM;
    return NULL;
  }
  return __libc_malloc(size);
}

void *realloc(void *memory, size_t size) {
  if (atomic_load(&armed) && FAULT("realloc") != 0) {
    errno = ENOMEM;
    return NULL;
  }
  return __libc_realloc(memory, size);
}

void *aligned_alloc(size_t alignment, size_t size) {
  REAL(aligned_alloc);
  if (FAULT("aligned_alloc") != 0) {
    errno = ENOMEM;
    return NULL;
  }
  return real(alignment, size);
}

// --- Threads and descriptors ---

int pthread_create(pthread_t *thread, const pthread_attr_t *attributes,
                   void *(*start)(void *), void *argument) {
  REAL(pthread_create);
  // The C++ library starts threads, and Node starts its own without it.
  const void *caller = __builtin_return_address(0);
  const int was = is_io_thread;
  is_io_thread = 1;
  const int error = fault("pthread_create", caller);
  is_io_thread = was;
  return error != 0 ? error : real(thread, attributes, start, argument);
}

int epoll_create1(int flags) {
  REAL(epoll_create1);
  const int error = FAULT("epoll_create1");
  return error != 0 ? fail_with(error, -1) : real(flags);
}

int epoll_create(int size) {
  REAL(epoll_create);
  const int error = FAULT("epoll_create");
  return error != 0 ? fail_with(error, -1) : real(size);
}

int eventfd(unsigned int value, int flags) {
  REAL(eventfd);
  const int error = FAULT("eventfd");
  return error != 0 ? fail_with(error, -1) : real(value, flags);
}

// The descriptor is closed in any case, as on Linux.
int close(int descriptor) {
  REAL(close);
  const int error = FAULT("close");
  const int result = real(descriptor);
  return error != 0 ? fail_with(error, -1) : result;
}

int timerfd_create(int clock, int flags) {
  REAL(timerfd_create);
  const int error = FAULT("timerfd_create");
  return error != 0 ? fail_with(error, -1) : real(clock, flags);
}

int epoll_ctl(int poll, int operation, int descriptor,
              struct epoll_event *event) {
  REAL(epoll_ctl);
  const void *caller = __builtin_return_address(0);
  const int error = fault("epoll_ctl", caller);
  if (error != 0) return fail_with(error, -1);
  const int result = real(poll, operation, descriptor, event);
  if (result == 0 && is_in(addon, addon_count, caller) && descriptor >= 0 &&
      descriptor < MAX_DESCRIPTORS) {
    registered[descriptor].poll = operation == EPOLL_CTL_DEL ? 0 : poll;
    if (operation != EPOLL_CTL_DEL) registered[descriptor].event = *event;
  }
  return result;
}

int epoll_wait(int poll, struct epoll_event *events, int max, int timeout) {
  REAL(epoll_wait);
  const int error = FAULT("epoll_wait");
  return error != 0 ? fail_with(error, -1) : real(poll, events, max, timeout);
}

int fcntl64(int descriptor, int command, ...) {
  REAL(fcntl64);
  va_list list;
  va_start(list, command);
  void *argument = va_arg(list, void *);
  va_end(list);
  const int error = FAULT("fcntl");
  return error != 0 ? fail_with(error, -1)
                    : real(descriptor, command, argument);
}

// --- Sockets ---

int socket(int domain, int type, int protocol) {
  REAL(socket);
  const int error = FAULT("socket");
  return error != 0 ? fail_with(error, -1) : real(domain, type, protocol);
}

int bind(int descriptor, const struct sockaddr *name, socklen_t size) {
  REAL(bind);
  const int error = FAULT("bind");
  return error != 0 ? fail_with(error, -1) : real(descriptor, name, size);
}

int listen(int descriptor, int backlog) {
  REAL(listen);
  const int error = FAULT("listen");
  return error != 0 ? fail_with(error, -1) : real(descriptor, backlog);
}

int setsockopt(int descriptor, int level, int name, const void *value,
               socklen_t size) {
  REAL(setsockopt);
  const int error = FAULT("setsockopt");
  return error != 0 ? fail_with(error, -1)
                    : real(descriptor, level, name, value, size);
}

int getsockname(int descriptor, struct sockaddr *name, socklen_t *size) {
  REAL(getsockname);
  const int error = FAULT("getsockname");
  return error != 0 ? fail_with(error, -1) : real(descriptor, name, size);
}

int getpeername(int descriptor, struct sockaddr *name, socklen_t *size) {
  REAL(getpeername);
  const int error = FAULT("getpeername");
  return error != 0 ? fail_with(error, -1) : real(descriptor, name, size);
}

int accept4(int descriptor, struct sockaddr *name, socklen_t *size, int flags) {
  REAL(accept4);
  const int error = FAULT("accept4");
  return error != 0 ? fail_with(error, descriptor)
                    : real(descriptor, name, size, flags);
}

int shutdown(int descriptor, int how) {
  REAL(shutdown);
  const int error = FAULT("shutdown");
  return error != 0 ? fail_with(error, -1) : real(descriptor, how);
}

// --- Bytes ---

// What a call does that moves bytes: `whole`, or fail, or `part`, which moves
// one byte only.
#define MOVE_BYTES(call, whole, part)           \
  REAL(call);                                   \
  const int error = FAULT(#call);               \
  if (error == CUT) {                           \
    const ssize_t result = part;                \
    report_again(descriptor);                   \
    return result;                              \
  }                                             \
  return error != 0 ? fail_with(error, descriptor) : whole

ssize_t readv(int descriptor, const struct iovec *pieces, int count) {
  const struct iovec piece = {pieces[0].iov_base, 1};
  MOVE_BYTES(readv, real(descriptor, pieces, count),
             real(descriptor, &piece, 1));
}

ssize_t recv(int descriptor, void *bytes, size_t size, int flags) {
  MOVE_BYTES(recv, real(descriptor, bytes, size, flags),
             real(descriptor, bytes, size > 0, flags));
}

ssize_t sendmsg(int descriptor, const struct msghdr *message, int flags) {
  struct iovec piece = {message->msg_iov[0].iov_base, 1};
  const struct msghdr less = {.msg_iov = &piece, .msg_iovlen = 1};
  MOVE_BYTES(sendmsg, real(descriptor, message, flags),
             real(descriptor, &less, flags));
}

ssize_t send(int descriptor, const void *bytes, size_t size, int flags) {
  MOVE_BYTES(send, real(descriptor, bytes, size, flags),
             real(descriptor, bytes, size > 0, flags));
}

ssize_t write(int descriptor, const void *bytes, size_t size) {
  REAL(write);
  const int error = FAULT("write");
  return error != 0 ? fail_with(error, -1) : real(descriptor, bytes, size);
}

int getentropy(void *bytes, size_t size) {
  REAL(getentropy);
  const int error = FAULT("getentropy");
  return error != 0 ? fail_with(error, -1) : real(bytes, size);
}
