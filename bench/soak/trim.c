// Loaded before the processes of a soak: gives back to the system, each second,
// what free() has put aside. So their resident memory is what they use, and not
// the most that they have ever used at the same time.

#include <malloc.h>
#include <pthread.h>
#include <unistd.h>

static void* trim(void* unused) {
  for (;;) {
    sleep(1);
    malloc_trim(0);
  }
  return unused;
}

__attribute__((constructor)) static void start(void) {
  pthread_t thread;
  if (pthread_create(&thread, NULL, trim, NULL) == 0) pthread_detach(thread);
}
