#include <algorithm>
#include <array>
#include <map>

#include "scan/exception.h"
#include "scan/fields.h"

// CSAF 2.0, profile VEX (docs.oasis-open.org/csaf/csaf/v2.0): products are named in a tree, and
// vulnerabilities list them by id.
namespace runward {
namespace {

struct Product : VexProduct {
  bool elsewhere = false;  // any build in a product that is no image: this image may not hold it
};
using Products = std::map<std::string, Product, std::less<>>;
constexpr int kMaxDepth = 16;

Result<void> AddProduct(JsonValue product, Products& products) {
  if (!product) return {};
  const std::string id = TRY(NeededText(product, "product_id"));
  const JsonValue helper = TRY(ObjectOf(product, "product_identification_helper"));
  const std::optional<Purl> purl = Purl::Parse(TRY(TextOf(helper, "purl")));
  Product& read = products[id];
  if (!purl) return {};  // known by a CPE or a name: it fits nothing here
  if (purl->type == "oci") {
    read.image = purl;
  } else {
    read.packages.push_back(*purl);
  }
  return {};
}

Result<void> AddBranches(JsonValue parent, int depth, Products& products) {
  if (depth == 0) return BadField(parent, "is nested too deeply");
  for (const JsonValue branch : TRY(ListOf(parent, "branches"))) {
    TRY(ObjectIn(branch));
    const JsonValue product = TRY(ObjectOf(branch, "product"));
    TRY(AddProduct(product, products));
    TRY(AddBranches(branch, depth - 1, products));
  }
  return {};
}

// "A as a component of B": A's packages, in B's image where B is one.
Result<void> AddRelationship(JsonValue relationship, Products& products) {
  TRY(ObjectIn(relationship));
  const JsonValue full = TRY(ObjectOf(relationship, "full_product_name"));
  const std::string id = TRY(NeededText(full, "product_id"));
  const auto part = products.find(TRY(NeededText(relationship, "product_reference")));
  const auto whole = products.find(TRY(NeededText(relationship, "relates_to_product_reference")));
  Product read;
  if (part != products.end()) read = part->second;
  if (whole != products.end() && whole->second.image) read.image = whole->second.image;
  read.elsewhere = !read.image && std::ranges::any_of(read.packages, [](const Purl& purl) {
    return purl.version.empty();  // with its version it is that build, wherever it is installed
  });
  if (!read.packages.empty()) products[id] = std::move(read);
  return {};
}

Result<Products> ReadTree(JsonValue tree) {
  Products products;
  TRY(AddBranches(tree, kMaxDepth, products));
  for (const JsonValue product : TRY(ListOf(tree, "full_product_names"))) {
    TRY(ObjectIn(product));
    TRY(AddProduct(product, products));
  }
  for (const JsonValue relationship : TRY(ListOf(tree, "relationships"))) {
    TRY(AddRelationship(relationship, products));
  }
  return products;
}

struct Status {
  std::string_view name;
  bool accepts;
};
constexpr std::array<Status, 7> kStatuses = {{{"fixed", true},
                                              {"first_fixed", true},
                                              {"known_not_affected", true},
                                              {"known_affected", false},
                                              {"first_affected", false},
                                              {"last_affected", false},
                                              {"under_investigation", false}}};

Result<std::string> ReasonOf(JsonValue vulnerability, std::string_view status) {
  for (const JsonValue threat : TRY(ListOf(vulnerability, "threats"))) {
    TRY(ObjectIn(threat));
    if (TRY(TextOf(threat, "category")) != "impact") continue;
    return std::string(status) + ": " + TRY(TextOf(threat, "details"));
  }
  return std::string(status);
}

Result<void> AddVulnerability(JsonValue vulnerability, const Products& products,
                              const std::optional<Time>& made, std::vector<Exception>& out) {
  TRY(ObjectIn(vulnerability));
  std::vector<std::string> ids;
  const std::string cve = TRY(TextOf(vulnerability, "cve"));
  if (!cve.empty()) ids.push_back(cve);
  for (const JsonValue id : TRY(ListOf(vulnerability, "ids"))) {
    ids.push_back(TRY(NeededText(ObjectIn(id), "text")));
  }
  if (ids.empty()) return BadField(vulnerability, "must have a \"cve\" or \"ids\"");
  const JsonValue listed = TRY(ObjectOf(vulnerability, "product_status"));
  for (const Status& status : kStatuses) {
    Exception exception;
    exception.origin = Exception::Origin::kVex;
    exception.accepts = status.accepts;
    exception.kind = FindingKind::kVulnerability;
    exception.ids = ids;
    exception.made = made;
    exception.reason = TRY(ReasonOf(vulnerability, status.name));
    for (const std::string& id : TRY(TextsOf(listed, status.name))) {
      const auto product = products.find(id);
      if (product == products.end() || (status.accepts && product->second.elsewhere)) continue;
      exception.products.push_back(product->second);
    }
    if (!exception.products.empty()) out.push_back(std::move(exception));
  }
  return {};
}

}  // namespace

Result<std::vector<Exception>> ReadCsaf(JsonValue root) {
  const JsonValue document = TRY(ObjectOf(root, "document"));
  const std::string category = TRY(NeededText(document, "category"));
  if (category != "csaf_vex") return BadField(document.Find("category"), "must be csaf_vex");
  const std::string version = TRY(NeededText(document, "csaf_version"));
  if (version != "2.0") return BadField(document.Find("csaf_version"), "must be 2.0");
  const std::optional<Time> made =
      TRY(TimeOf(ObjectOf(document, "tracking"), "current_release_date"));
  const JsonValue tree = TRY(ObjectOf(root, "product_tree"));
  const Products products = TRY(ReadTree(tree));
  std::vector<Exception> exceptions;
  for (const JsonValue vulnerability : TRY(ListOf(root, "vulnerabilities"))) {
    TRY(AddVulnerability(vulnerability, products, made, exceptions));
  }
  return exceptions;
}

}  // namespace runward
