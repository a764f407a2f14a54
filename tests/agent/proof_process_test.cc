#include "agent/proof_process.h"

#include <fcntl.h>
#include <gtest/gtest.h>
#include <poll.h>
#include <unistd.h>

#include <array>
#include <optional>

namespace runward {
namespace {

class ProofProcessTest : public ::testing::Test {
 protected:
  void Begin(const ProofProcess::Work& work) {
    auto begun = ProofProcess::Begin(poller_, work, [this](const Result<void>& found) {
      found_ = found;
      proof_.reset();  // as its owner may
    });
    ASSERT_TRUE(begun.ok()) << begun.error().message;
    proof_ = std::move(begun).value();
  }
  void Wait() {
    pollfd ready{.fd = poller_.fd(), .events = POLLIN, .revents = 0};
    if (poll(&ready, 1, 10'000) == 1) poller_.Handle(1);
  }

  Poller poller_ = std::move(Poller::Make()).value();
  std::unique_ptr<ProofProcess> proof_;
  std::optional<Result<void>> found_;
};

TEST_F(ProofProcessTest, WhatWasFoundComesOnceItIsKnown) {
  Begin([] {
    usleep(50'000);
    return Result<void>();
  });
  poller_.Handle(1);
  EXPECT_FALSE(found_) << "it waits for nothing";
  Wait();
  ASSERT_TRUE(found_);
  EXPECT_TRUE(found_->ok());
  EXPECT_FALSE(proof_);
}

TEST_F(ProofProcessTest, AnErrorComesWhole) {
  Begin([] { return Result<void>(Error{"it does not hold", "do something else"}); });
  Wait();
  ASSERT_TRUE(found_);
  ASSERT_FALSE(found_->ok());
  EXPECT_EQ(found_->error().message, "it does not hold");
  EXPECT_EQ(found_->error().hint, "do something else");
}

TEST_F(ProofProcessTest, WhoEndsWithoutAWordHasProvedNothing) {
  Begin([]() -> Result<void> { _exit(0); });
  Wait();
  ASSERT_TRUE(found_);
  EXPECT_FALSE(found_->ok());
}

TEST_F(ProofProcessTest, ItGoesWithItsOwner) {
  std::array<int, 2> ends{};
  ASSERT_EQ(pipe2(ends.data(), O_CLOEXEC), 0);
  Begin([]() -> Result<void> {
    pause();
    return {};
  });
  proof_.reset();
  close(ends[1]);
  char byte = 0;
  EXPECT_EQ(read(ends[0], &byte, 1), 0) << "nobody has the other end any more";
  close(ends[0]);
  EXPECT_FALSE(found_);
}

}  // namespace
}  // namespace runward
