#include "oci/accounts.h"

#include <gtest/gtest.h>
#include <sys/stat.h>

#include <filesystem>
#include <fstream>

namespace runward {
namespace {

class Accounts : public ::testing::Test {
 protected:
  void SetUp() override {
    root_ = ::testing::TempDir() + "accounts-" + std::to_string(getpid());
    std::filesystem::create_directories(root_ + "/etc");
  }
  void TearDown() override { std::filesystem::remove_all(root_); }

  void Write(const std::string& path, const std::string& text) const {
    std::ofstream(root_ + path) << text;
  }
  // The numbers that the names get.
  [[nodiscard]] std::vector<uint32_t> Users(std::vector<std::string> names) const {
    RunRule rule;
    rule.users = {.limited = true, .names = std::move(names)};
    ResolveAccounts(root_, rule);
    std::vector<uint32_t> ids;
    for (const IdRange& range : rule.users.ids) ids.push_back(range.first);
    return ids;
  }

  std::string root_;
};

using Ids = std::vector<uint32_t>;

TEST_F(Accounts, AreFoundInTheImagesOwnFiles) {
  Write("/etc/passwd", "root:x:0:0::/:/bin/sh\nbroken\napp:x:77:88:App:/:/bin/sh\nlast:x:9:9");
  Write("/etc/group", "root:x:0:\nstaff:x:50:app\n");
  EXPECT_EQ(Users({"app"}), Ids{77});
  EXPECT_EQ(Users({"root", "last", "none"}), (Ids{0, 9}));
  RunRule rule;
  rule.groups = {.limited = true, .names = {"staff"}};
  ResolveAccounts(root_, rule);
  EXPECT_TRUE(Permits(rule.groups, 50));
  EXPECT_FALSE(Permits(rule.groups, 77));
}

TEST_F(Accounts, NeverStandForRootUnlessTheyAreCalledThat) {
  Write("/etc/passwd", "app:x:0:0::/:/bin/sh\nroot:x:0:0::/:/bin/sh\n");
  EXPECT_EQ(Users({"app"}), Ids{});
  EXPECT_EQ(Users({"root"}), Ids{0});
}

TEST_F(Accounts, GetNoNumberFromABadLine) {
  Write("/etc/passwd", "a:x:-1:0\nb:x:4294967296:0\nc:x:0x7:0\nd:x\ne\nf:x: 7:0\n:x:5:0\n");
  EXPECT_EQ(Users({"a", "b", "c", "d", "e", "f"}), Ids{});
}

TEST_F(Accounts, AreNotSoughtOutsideTheImageNorInWhatIsNoFile) {
  Write("/real", "app:x:77:77::/:/bin/sh\n");
  std::filesystem::create_symlink("/real", root_ + "/etc/passwd");
  EXPECT_EQ(Users({"app"}), Ids{77}) << "a symlink is followed within the image";
  std::filesystem::remove(root_ + "/etc/passwd");
  std::filesystem::create_symlink("../../../../../../../../etc/passwd", root_ + "/etc/passwd");
  EXPECT_EQ(Users({"daemon"}), Ids{});
  std::filesystem::remove(root_ + "/etc/passwd");
  ASSERT_EQ(mkfifo((root_ + "/etc/passwd").c_str(), 0600), 0);
  EXPECT_EQ(Users({"app"}), Ids{});
  std::filesystem::remove_all(root_);
  EXPECT_EQ(Users({"app"}), Ids{});
}

}  // namespace
}  // namespace runward
