#include "tools/divert.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <unistd.h>

#include <filesystem>
#include <fstream>

#include "tools/run_program.h"

namespace runward {
namespace {

namespace fs = std::filesystem;

// A runc that says "runc", a runward that says "runward", and a dpkg database of the test's own.
class DivertTest : public ::testing::Test {
 protected:
  void SetUp() override {
    if (!fs::exists("/usr/bin/dpkg-divert")) GTEST_SKIP() << "not there: dpkg-divert";
    std::string name = testing::TempDir() + "divert-XXXXXX";
    ASSERT_NE(mkdtemp(name.data()), nullptr);
    directory_ = name;
    fs::create_directories(name + "/dpkg/info");
    fs::create_directories(name + "/dpkg/updates");
    std::ofstream(name + "/dpkg/status").flush();
    Program("runc", "runc");
    Program("runward", "runward");
    one_ = {.path = name + "/runc",
            .program = name + "/runward",
            .database = {"--admindir", name + "/dpkg"}};
  }
  void TearDown() override { fs::remove_all(directory_); }

  void Program(const std::string& name, const std::string& says) const {
    const std::string path = directory_ + "/" + name;
    fs::remove(path);
    std::ofstream(path) << "#!/bin/sh\necho " << says << "\n";
    fs::permissions(path, fs::perms(0755));
  }
  [[nodiscard]] std::string Says(const std::string& name) const {
    const auto output = RunProgram({directory_ + "/" + name});
    return output.ok() ? output.value().text : "cannot run";
  }
  template <size_t N>
  void Run(const std::array<DivertStep, N>& steps, size_t count = N) const {
    for (size_t at = 0; at < count; ++at) {
      const auto done = steps[at].run(one_);
      EXPECT_TRUE(done.ok()) << steps[at].what << ": " << done.error().message;
    }
  }

  std::string directory_;
  Diversion one_;
};

TEST_F(DivertTest, RunwardStandsInRuncsPlaceAndGoesAgain) {
  EXPECT_EQ(DivertedNow(one_), Diverted::kNo);
  Run(DivertSteps());
  EXPECT_EQ(DivertedNow(one_), Diverted::kYes);
  EXPECT_EQ(Says("runc"), "runward\n");
  EXPECT_EQ(Says("runc.distrib"), "runc\n");
  Run(DivertSteps());
  EXPECT_EQ(Says("runc.distrib"), "runc\n") << "a second time changes nothing";
  Run(RestoreSteps());
  EXPECT_EQ(DivertedNow(one_), Diverted::kNo);
  EXPECT_EQ(Says("runc"), "runc\n");
  EXPECT_FALSE(fs::exists(one_.kept()));
}

TEST_F(DivertTest, AfterEachStepThereIsARuncAndTheRestCanFollow) {
  for (size_t done = 0; done <= DivertSteps().size(); ++done) {
    Run(DivertSteps(), done);
    EXPECT_EQ(Says("runc"), done == DivertSteps().size() ? "runward\n" : "runc\n") << done;
    Run(DivertSteps());
    EXPECT_EQ(Says("runc.distrib"), "runc\n") << done;
    Run(RestoreSteps());
    EXPECT_EQ(Says("runc"), "runc\n") << done;
  }
}

TEST_F(DivertTest, WhatWasCutShortCanBeTakenBack) {
  for (size_t done = 0; done <= DivertSteps().size(); ++done) {
    for (size_t undone = 0; undone <= RestoreSteps().size(); ++undone) {
      Run(DivertSteps(), done);
      Run(RestoreSteps(), undone);
      EXPECT_NE(Says("runc"), "cannot run") << done << undone;
      Run(RestoreSteps());
      EXPECT_EQ(Says("runc"), "runc\n") << done << undone;
      EXPECT_EQ(DivertedNow(one_), Diverted::kNo) << done << undone;
      EXPECT_FALSE(fs::exists(one_.kept())) << done << undone;
    }
  }
}

TEST_F(DivertTest, AnUpgradeInBetweenIsKept) {
  Run(DivertSteps(), 1);
  Program("runc.distrib", "upgraded");  // where dpkg unpacks from here on
  Run(DivertSteps());
  EXPECT_EQ(Says("runc"), "runward\n");
  EXPECT_EQ(Says("runc.distrib"), "upgraded\n");
  Run(RestoreSteps());
  EXPECT_EQ(Says("runc"), "upgraded\n");
}

TEST_F(DivertTest, SomebodyElsesDiversionIsNotOurs) {
  ASSERT_EQ(RunProgram({"/usr/bin/dpkg-divert", "--admindir", directory_ + "/dpkg", "--local",
                        "--no-rename", "--divert", one_.path + ".other", "--add", one_.path})
                .value()
                .status,
            0);
  EXPECT_FALSE(DivertSteps()[0].run(one_).ok());
  EXPECT_EQ(DivertedNow(one_), Diverted::kNo);
  EXPECT_EQ(Says("runc"), "runc\n");
}

TEST_F(DivertTest, WhenRuncsPackageWentTheLinkGoesToo) {
  Run(DivertSteps());
  fs::remove(one_.kept());
  Run(RestoreSteps());
  EXPECT_FALSE(fs::exists(fs::symlink_status(one_.path)));
}

}  // namespace
}  // namespace runward
