// Counts lines, words and bytes, as wc does, of the files that its arguments name.
//
//   clang --target=wasm32-wasi -O2 -o wordcount.wasm wordcount.c
//   quoin run --simulate --dir .:/data wordcount.wasm /data/wordcount.c
//
// It is an ordinary C program. What makes it worth running under Quoin is the receipt: whoever
// reads it learns the digest of each file that was counted, of this program, and of what it
// printed, and need not trust whoever ran it.

#include <ctype.h>
#include <stdio.h>

struct counts {
  unsigned long lines, words, bytes;
};

// Adds up one file. A word is what stands between blanks.
static int count_file(const char* path, struct counts* total) {
  // Only directories that were shared on the command line exist here; all else is not found.
  FILE* file = fopen(path, "r");
  if (file == NULL) {
    perror(path);
    return 1;
  }
  struct counts counts = {0, 0, 0};
  int in_word = 0;
  for (int c; (c = getc(file)) != EOF;) {
    counts.bytes++;
    if (c == '\n') counts.lines++;
    if (!isspace(c) && !in_word) counts.words++;
    in_word = !isspace(c);
  }
  fclose(file);
  printf("%8lu %8lu %8lu  %s\n", counts.lines, counts.words, counts.bytes, path);
  total->lines += counts.lines;
  total->words += counts.words;
  total->bytes += counts.bytes;
  return 0;
}

int main(int argc, char** argv) {
  struct counts total = {0, 0, 0};
  int failed = 0;
  for (int i = 1; i < argc; ++i) failed |= count_file(argv[i], &total);
  printf("%lu lines, %lu words, %lu bytes in %d files\n", total.lines, total.words, total.bytes,
         argc - 1);
  // The exit status is in the receipt as well.
  return failed;
}
