#include "imported.h"

namespace runward {
namespace {

// As `vault kv get -format=json secret/shop/db` prints it.
constexpr std::string_view kReply = R"({
  "request_id": "0ccd2f2c", "lease_id": "", "lease_duration": 0, "renewable": false,
  "data": {
    "data": {"password": "hunter2", "port": 5432, "nested": {"a": [1, true]}},
    "metadata": {"created_time": "2026-01-01T00:00:00Z", "custom_metadata": null,
                 "deletion_time": "", "destroyed": false, "version": 3}
  },
  "warnings": null
})";

TEST(ImportKv, TakesTheKeysOfASecret) {
  const Pairs expected = {{"secret/shop/db#password", "hunter2"},
                          {"secret/shop/db#port", "5432"},
                          {"secret/shop/db#nested", R"({"a": [1, true]})"}};
  EXPECT_EQ(Shown(ImportKv(kReply, "secret/shop/db")), expected);
  EXPECT_EQ(Shown(ImportKv(kReply, "secret/data/shop/db")), expected);
}

TEST(ImportKv, TakesSeveralWithTheirPaths) {
  EXPECT_EQ(Shown(ImportKv(R"([{"path": "a/b", "data": {"k": "1"}},
                              {"path": "c", "data": {"data": {"k": "2"}, "metadata": {}}}])",
                           "secret")),
            (Pairs{{"secret/a/b#k", "1"}, {"secret/c#k", "2"}}));
}

TEST(ImportKv, SaysWhatIsWrong) {
  ExpectError(ImportKv(kReply, ""), "does not say what its secret is called");
  ExpectError(ImportKv("{}", "secret/x"), "it has no \"data\"");
  ExpectError(ImportKv(R"({"data": {"password": "version 1 of KV"}})", "secret/x"),
              "no \"data\" and \"metadata\"");
  ExpectError(ImportKv(R"({"data": {"data": null, "metadata": {}}})", "secret/x"), "was deleted");
  ExpectError(ImportKv(R"({"data": {"data": {"a": "1", "a": "2"}, "metadata": {}}})", "s/x"),
              "\"a\"");
  ExpectError(ImportKv(R"([{"data": {"k": "1"}}])", "s"), "has no \"path\"");
  ExpectError(ImportKv("not json", "s/x"), "line 1");
}

}  // namespace
}  // namespace runward
