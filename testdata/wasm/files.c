// What a C program may do under the directories that it was given, and what it may not. Each step
// that goes wrong is printed; the exit status is how many did.

#include <dirent.h>
#include <errno.h>
#include <fcntl.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <time.h>
#include <unistd.h>

static int wrong = 0;

static void expect(int holds, const char* what) {
  if (holds) return;
  printf("wrong: %s (errno %d: %s)\n", what, errno, strerror(errno));
  ++wrong;
}

static void expect_denied(const char* path, int flags) {
  errno = 0;
  const int fd = open(path, flags, 0600);
  if (fd < 0) return;
  printf("wrong: opened %s\n", path);
  ++wrong;
  close(fd);
}

static void may_work_in_its_directory(void) {
  expect(mkdir("/work/dir", 0700) == 0, "mkdir");
  FILE* file = fopen("/work/dir/a.txt", "w+");
  expect(file != NULL, "create");
  if (file == NULL) return;
  expect(fputs("one\ntwo\n", file) >= 0, "write");
  expect(fseek(file, 4, SEEK_SET) == 0, "seek");
  char line[8] = {0};
  expect(fgets(line, sizeof line, file) != NULL && strcmp(line, "two\n") == 0, "read back");
  expect(ftruncate(fileno(file), 3) == 0, "truncate");
  struct stat status;
  expect(fstat(fileno(file), &status) == 0 && status.st_size == 3, "fstat");
  expect(fclose(file) == 0, "close");

  expect(rename("/work/dir/a.txt", "/work/dir/b.txt") == 0, "rename");
  expect(stat("/work/dir/b.txt", &status) == 0 && S_ISREG(status.st_mode), "stat");
  expect(stat("/work/dir/a.txt", &status) != 0 && errno == ENOENT, "the old name is gone");
  expect(link("/work/dir/b.txt", "/work/dir/c.txt") == 0, "link");
  expect(symlink("b.txt", "/work/dir/s.txt") == 0, "symlink");
  char target[16] = {0};
  expect(readlink("/work/dir/s.txt", target, sizeof target - 1) == 5, "readlink");
  expect(strcmp(target, "b.txt") == 0, "what the link says");

  int entries = 0;
  DIR* dir = opendir("/work/dir");
  expect(dir != NULL, "opendir");
  while (dir != NULL && readdir(dir) != NULL) ++entries;
  if (dir != NULL) closedir(dir);
  expect(entries == 5, "b.txt, c.txt, s.txt and the two dots");

  const int appended = open("/work/dir/b.txt", O_WRONLY | O_APPEND);
  expect(appended >= 0 && write(appended, "!", 1) == 1 && close(appended) == 0, "append");
  expect(unlink("/work/dir/c.txt") == 0 && unlink("/work/dir/s.txt") == 0, "unlink");
  expect(rmdir("/work/dir") != 0, "a directory that is not empty stays");
}

static void may_not_leave_it(void) {
  expect_denied("/work/../secret.txt", O_RDONLY);
  expect_denied("/work/dir/../../secret.txt", O_RDONLY);
  expect_denied("/etc/passwd", O_RDONLY);
  expect_denied("/work/link_out", O_RDONLY);       // made by the test: a link to ../secret.txt
  expect_denied("/work/absolute_link", O_RDONLY);  // made by the test: a link to /etc/passwd
  expect_denied("/work/directory_link/secret.txt", O_RDONLY);  // made by the test: a link to ..
  expect_denied("/work/fifo", O_RDONLY);  // made by the test: must not hang either
  expect(mkdir("/work/../escaped", 0700) != 0, "mkdir outside");
  expect(rename("/work/dir/b.txt", "/work/../escaped") != 0, "rename to the outside");
  expect(link("/work/../secret.txt", "/work/dir/secret") != 0, "link to the outside");
  expect(unlink("/work/directory_link/secret.txt") != 0, "unlink outside");
}

static void may_only_read(void) {
  expect_denied("/data/input.txt", O_WRONLY);
  expect_denied("/data/input.txt", O_RDWR);
  expect_denied("/data/input.txt", O_RDONLY | O_TRUNC);
  expect_denied("/data/new.txt", O_WRONLY | O_CREAT);
  expect(mkdir("/data/new", 0700) != 0, "mkdir in a directory to read only");
  expect(unlink("/data/input.txt") != 0, "unlink in it");
  expect(rename("/data/input.txt", "/work/dir/stolen") != 0, "rename out of it");
  expect(link("/data/input.txt", "/work/dir/stolen") != 0, "link out of it");
  char text[8] = {0};
  const int fd = open("/data/input.txt", O_RDONLY);
  expect(fd >= 0 && read(fd, text, sizeof text) == 6 && memcmp(text, "input\n", 6) == 0, "read");
  expect(ftruncate(fd, 0) != 0, "truncate what is open to read");
  close(fd);
}

static void has_clocks_and_random_bytes(void) {
  struct timespec now;
  expect(clock_gettime(CLOCK_REALTIME, &now) == 0 && now.tv_sec > 1600000000, "realtime");
  expect(clock_gettime(CLOCK_MONOTONIC, &now) == 0, "monotonic");
  unsigned char a[32] = {0};
  unsigned char b[32] = {0};
  expect(getentropy(a, sizeof a) == 0 && getentropy(b, sizeof b) == 0, "getentropy");
  expect(memcmp(a, b, sizeof a) != 0, "random bytes differ");
  const struct timespec pause = {0, 1000000};
  expect(nanosleep(&pause, NULL) == 0, "sleep");
  expect(getenv("GREETING") != NULL && strcmp(getenv("GREETING"), "hi") == 0, "its variable");
  expect(getenv("PATH") == NULL, "no variable of ours");
}

int main(void) {
  may_work_in_its_directory();
  may_not_leave_it();
  may_only_read();
  has_clocks_and_random_bytes();
  return wrong;
}
