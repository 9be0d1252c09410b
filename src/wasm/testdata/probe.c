// A WASI program that does what its first argument says: the tests' hand inside the sandbox.

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <poll.h>
#include <stdint.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

extern char** environ;

static volatile int zero;

static int say(const char* what, long result) {
  printf("%s: %s\n", what, result < 0 ? strerror(errno) : "ok");
  return result < 0;
}

__attribute__((noinline)) static int recurse(int depth) {
  return depth == zero ? 0 : recurse(depth + 1) * 3 + depth;
}

static int (*volatile function)(int) = recurse;

static int cat(const char* path) {
  FILE* file = fopen(path, "r");
  if (file == NULL) return say(path, -1);
  int c;
  while ((c = getc(file)) != EOF) putchar(c);
  return fclose(file);
}

static int put(const char* path, const char* mode, const char* text) {
  FILE* file = fopen(path, mode);
  if (file == NULL) return say(path, -1);
  fputs(text, file);
  return fclose(file);
}

static int list(const char* path) {
  DIR* directory = opendir(path);
  if (directory == NULL) return say(path, -1);
  int entries = 0;
  while (readdir(directory) != NULL) ++entries;
  printf("%d\n", entries);
  return closedir(directory);
}

static int trap(const char* kind) {
  volatile uint32_t far = 0xfffffff0;
  if (strcmp(kind, "unreachable") == 0) __builtin_trap();
  if (strcmp(kind, "bounds") == 0) return *(volatile int*)far;
  if (strcmp(kind, "division") == 0) return 100 / zero;
  if (strcmp(kind, "overflow") == 0) return (INT32_MIN + zero) / (zero - 1);
  if (strcmp(kind, "indirect") == 0) return ((int (*)(double))function)(1.0);
  if (strcmp(kind, "stack") == 0) return recurse(1);
  return 1;
}

static int wait_for_input(void) {
  struct pollfd one = {.fd = 0, .events = POLLIN};
  printf("%d\n", poll(&one, 1, 50));
  return 0;
}

static int allocate(void) {
  size_t pages = 0;
  while (__builtin_wasm_memory_grow(0, 1) != (size_t)-1) ++pages;
  // The last of it must be there to be used.
  ((volatile char*)(__builtin_wasm_memory_size(0) * 65536))[-1] = 1;
  printf("%zu\n", pages);
  return 0;
}

static int with_two(const char* what, const char* a, const char* b) {
  if (strcmp(what, "rename") == 0) return say(what, rename(a, b));
  if (strcmp(what, "link") == 0) return say(what, link(a, b));
  if (strcmp(what, "symlink") == 0) return say(what, symlink(a, b));
  if (strcmp(what, "put") == 0) return put(a, "w", b);
  if (strcmp(what, "append") == 0) return put(a, "a", b);
  return 2;
}

static int with_one(const char* what, const char* a) {
  if (strcmp(what, "exit") == 0) return atoi(a);
  if (strcmp(what, "trap") == 0) return trap(a);
  if (strcmp(what, "cat") == 0) return cat(a);
  if (strcmp(what, "list") == 0) return list(a);
  if (strcmp(what, "mkdir") == 0) return say(what, mkdir(a, 0755));
  if (strcmp(what, "rmdir") == 0) return say(what, rmdir(a));
  if (strcmp(what, "unlink") == 0) return say(what, unlink(a));
  return 2;
}

// Writes more than any limit allows, until it is told to stop.
static int fill(const char* path) {
  int fd = open(path, O_CREAT | O_WRONLY, 0644);
  static char block[65536];
  while (write(fd, block, sizeof block) > 0) {
  }
  return say("fill", -1);
}

int main(int argc, char** argv) {
  const char* what = argc > 1 ? argv[1] : "";
  if (strcmp(what, "args") == 0) {
    for (int i = 0; i < argc; ++i) puts(argv[i]);
    for (char** variable = environ; *variable != NULL; ++variable) puts(*variable);
    return 0;
  }
  if (strcmp(what, "echo") == 0) {
    int c;
    while ((c = getchar()) != EOF) putchar(c);
    fputs("done\n", stderr);
    return 0;
  }
  if (strcmp(what, "hang") == 0) {
    while (!zero) {
    }
  }
  if (strcmp(what, "sleep") == 0) sleep(1000);
  if (strcmp(what, "flood") == 0) {
    while (!zero) puts("a line that nobody wants to read");
  }
  if (strcmp(what, "wait") == 0) return wait_for_input();
  if (strcmp(what, "allocate") == 0) return allocate();
  if (strcmp(what, "clock") == 0) return time(NULL) > 1700000000 ? 0 : 1;
  if (strcmp(what, "fill") == 0 && argc == 3) return fill(argv[2]);
  if (argc == 4) return with_two(what, argv[2], argv[3]);
  if (argc == 3) return with_one(what, argv[2]);
  return 2;
}
