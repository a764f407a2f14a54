#include "imported.h"

namespace runward {
namespace {

TEST(ImportKubernetes, TakesTheSecretsOfAllDocuments) {
  const std::string text = R"(apiVersion: v1
kind: Secret
metadata:
  name: db
  namespace: shop
type: Opaque
data:
  password: aHVudGVyMg==
  both: b2xk
stringData:
  both: new
  config: |
    user: app
    key: "x"
---
apiVersion: v1
kind: ConfigMap
metadata: {name: other}
data: {password: not-base64}
---
apiVersion: v1
kind: List
items:
- kind: Secret
  metadata: {name: tls}
  data:
    tls.crt: |
      Y2Vy
      dA==
- kind: Service
  metadata: {name: x}
)";
  const Pairs expected = {{"shop/db#password", "hunter2"},
                          {"shop/db#both", "new"},
                          {"shop/db#config", "user: app\nkey: \"x\"\n"},
                          {"default/tls#tls.crt", "cert"}};
  EXPECT_EQ(Shown(ImportKubernetes(text, "")), expected);
  EXPECT_EQ(Shown(ImportKubernetes(text, "k8s")).count("k8s/shop/db#password"), 1U);
}

TEST(ImportKubernetes, TakesJsonToo) {
  EXPECT_EQ(
      Shown(ImportKubernetes(
          R"({"kind":"SecretList","items":[{"metadata":{"name":"a"},"data":{"k":"eA=="}}]})", "")),
      (Pairs{{"default/a#k", "x"}}));
}

TEST(ImportKubernetes, SaysWhatIsWrong) {
  ExpectError(ImportKubernetes("kind: Secret\nmetadata: {name: a}\ndata: {k: '%%%'}", ""),
              "is no base64");
  ExpectError(ImportKubernetes("kind: Secret\ndata: {k: eA==}", ""), "no metadata.name");
  ExpectError(ImportKubernetes("kind: Secret\nmetadata: {name: a}\ndata: {k: [1]}", ""),
              "is no text");
  ExpectError(ImportKubernetes("kind: [unclosed", ""), "YAML, line 2");
  ExpectError(ImportKubernetes("kind: Secret\nmetadata: {name: a/../b}\ndata: {k: eA==}", ""),
              "its path may hold");
  EXPECT_EQ(Shown(ImportKubernetes("", "")), Pairs{});
}

}  // namespace
}  // namespace runward
