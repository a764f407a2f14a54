#include <unistd.h>

// The process of the benchmark's containers: waits to be killed.
int main() {
  while (true) pause();
}
