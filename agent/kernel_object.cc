#include "agent/kernel_object.h"

#include <cstdint>
#include <cstdio>

// The assembler takes the file in as it is; an array of numbers would be compiled for seconds.
#define RUNWARD_EMBED(name, file)   \
  __asm__(                          \
      ".pushsection .rodata\n"      \
      ".balign 8\n"                 \
      ".global " name "\n" name     \
      ":\n"                         \
      ".incbin \"" file             \
      "\"\n"                        \
      ".global " name "_end\n" name \
      "_end:\n"                     \
      ".byte 0\n"                   \
      ".popsection\n")

RUNWARD_EMBED("runward_commands_object", RUNWARD_COMMANDS_OBJECT);
RUNWARD_EMBED("runward_host_network_object", RUNWARD_HOST_NETWORK_OBJECT);
RUNWARD_EMBED("runward_veth_object", RUNWARD_VETH_OBJECT);

extern "C" {
extern const std::byte runward_commands_object[];
extern const std::byte runward_commands_object_end[];
extern const std::byte runward_host_network_object[];
extern const std::byte runward_host_network_object_end[];
extern const std::byte runward_veth_object[];
extern const std::byte runward_veth_object_end[];
}

namespace runward {

std::span<const std::byte> KernelObject() {
  return {runward_commands_object, runward_commands_object_end};
}

std::span<const std::byte> HostNetworkObject() {
  return {runward_host_network_object, runward_host_network_object_end};
}

std::span<const std::byte> VethObject() { return {runward_veth_object, runward_veth_object_end}; }

std::string KernelObjectVersion() {
  uint64_t hash = 0xcbf29ce484222325;
  for (std::byte byte : KernelObject()) {
    hash = (hash ^ static_cast<uint64_t>(byte)) * 0x100000001b3;
  }
  char text[17];
  snprintf(text, sizeof(text), "%016llx", static_cast<unsigned long long>(hash));
  return text;
}

}  // namespace runward
