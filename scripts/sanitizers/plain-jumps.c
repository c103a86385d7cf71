// Loaded before ThreadSanitizer's runtime. That of GCC puts itself in the place of
// setjmp() and longjmp(), but does not know where to go on if the program that
// calls them is not instrumented, so no shell would start. With this they are
// the C library's. Nothing in the addon jumps.

#define _GNU_SOURCE
#include <dlfcn.h>

// setjmp() looks at who called it, so this has to be a jump and not a call: GCC
// makes one of it from -O2 on.
#define FORWARD(type, name)                           \
  static type (*real_##name)(void*, int);             \
  type forward_##name(void*, int) __asm__(#name);     \
  type forward_##name(void* place, int value) {       \
    return real_##name(place, value);                 \
  }

FORWARD(int, setjmp)
FORWARD(int, _setjmp)
FORWARD(int, sigsetjmp)
FORWARD(int, __sigsetjmp)
FORWARD(void, longjmp)
FORWARD(void, _longjmp)
FORWARD(void, siglongjmp)
FORWARD(void, __longjmp_chk)

__attribute__((constructor)) static void Find(void) {
  void* library = dlopen("libc.so.6", RTLD_LAZY | RTLD_NOLOAD);
  *(void**)&real_setjmp = dlsym(library, "setjmp");
  *(void**)&real__setjmp = dlsym(library, "_setjmp");
  *(void**)&real_sigsetjmp = dlsym(library, "__sigsetjmp");
  *(void**)&real___sigsetjmp = dlsym(library, "__sigsetjmp");
  *(void**)&real_longjmp = dlsym(library, "longjmp");
  *(void**)&real__longjmp = dlsym(library, "_longjmp");
  *(void**)&real_siglongjmp = dlsym(library, "siglongjmp");
  *(void**)&real___longjmp_chk = dlsym(library, "__longjmp_chk");
}
