#pragma once

#include <cstddef>
#include <span>
#include <string>

namespace runward {

// agent/bpf/commands.bpf.c, compiled: an ELF file within the program.
std::span<const std::byte> KernelObject();
// The same of agent/bpf/host_network.bpf.c.
std::span<const std::byte> HostNetworkObject();
// And of agent/bpf/veth.bpf.c.
std::span<const std::byte> VethObject();

// Sixteen hexadecimal digits that differ when the object does (FNV-1a: nobody chooses the bytes).
std::string KernelObjectVersion();

}  // namespace runward
