#include <algorithm>
#include <array>
#include <cmath>
#include <span>

#include "tools/network_map.h"
#include "tools/report.h"
#include "tools/xml.h"

// Each container is a box, with who began something with it on the left and whom it spoke with on
// the right. What was denied comes first, in red, and its line ends at a cross before the peer: it
// is seen without reading, also by who does not see red.
namespace runward {
namespace {

constexpr int kMargin = 24;
constexpr int kTextWidth = 384;
constexpr int kLineWidth = 104;
constexpr int kBoxWidth = 232;
constexpr int kHeaderHeight = 92;
constexpr int kRowHeight = 38;
constexpr int kLeastBox = 82;
constexpr int kBetween = 22;
constexpr size_t kPeerColumns = 42;
constexpr size_t kDetailColumns = 56;
constexpr size_t kMostDenied = 40;  // rows of a side of a container
constexpr size_t kMostAllowed = 12;
constexpr size_t kMostContainers = 100;

struct Look {
  EventAction action;
  const char* colour;
  const char* background;
  const char* word;
};
constexpr std::array<Look, 3> kLooks = {{
    {EventAction::kDenied, "#b71c1c", "#fdecea", "denied"},
    {EventAction::kWouldDeny, "#b45309", "#fff4e0", "would be denied"},
    {EventAction::kAllowed, "#8296a0", "none", "allowed"},
}};

const Look& LookOf(EventAction action) {
  const auto* found = std::ranges::find(kLooks, action, &Look::action);
  return found == kLooks.end() ? kLooks.back() : *found;
}

std::string Num(int value) { return std::to_string(value); }

std::string Short(const std::string& text, size_t columns) {
  return Xml(Columns(text) > columns ? Fit(text, columns) : text);
}

std::string TextAt(int x, int y, const std::string& style, const std::string& escaped) {
  return "<text x=\"" + Num(x) + "\" y=\"" + Num(y) + "\" " + style + ">" + escaped + "</text>\n";
}

std::string CountOf(const SeenFlow& flow) {
  return Count(flow.count, flow.key.action == EventAction::kAllowed ? "connection" : "packet");
}

// "9,026,062 bytes" is more than there is room for.
std::string Size(int64_t bytes) {
  constexpr std::array<const char*, 5> kUnits = {"B", "kB", "MB", "GB", "TB"};
  auto amount = static_cast<double>(bytes);
  size_t unit = 0;
  for (; amount >= 1000 && unit + 1 < kUnits.size(); ++unit) amount /= 1000;
  const auto tenths = static_cast<int64_t>(amount * 10);
  const std::string part = unit == 0 ? "" : "." + std::to_string(tenths % 10);
  return Grouped(tenths / 10) + part + " " + kUnits[unit];
}

// As much of the peer as there is room for, with all of what was spoken.
std::string LabelOf(const SeenFlowKey& key) {
  const std::string service = Short(ServiceOf(key), kPeerColumns / 2);
  return Short(PeerOf(key), kPeerColumns - std::min(kPeerColumns / 2, Columns(service)) - 2) +
         "  " + service;
}

std::string DetailOf(const SeenFlow& flow) {
  std::string text = CountOf(flow);
  const int64_t bytes = flow.bytes_in + flow.bytes_out;
  if (flow.key.action == EventAction::kAllowed && bytes > 0) text += ", " + Size(bytes);
  return text + (flow.key.rule.empty() ? "" : "  ·  " + flow.key.rule);
}

// Where the parts of one side stand.
struct Side {
  bool left = false;
  int box = 0;   // the box's edge
  int peer = 0;  // where the line ends
  int text = 0;
};

class Picture {
 public:
  explicit Picture(const std::vector<SeenFlow>& flows) : flows_(flows) {
    const bool any_in = std::ranges::any_of(flows, [](const auto& f) { return f.key.ingress; });
    box_ = kMargin + (any_in ? kTextWidth + kLineWidth : 0);
    width_ = box_ + kBoxWidth + kLineWidth + kTextWidth + kMargin;
  }

  std::string Draw(const std::string& span) {
    size_t containers = 0;
    for (auto at = flows_.begin(); at != flows_.end(); ++containers) {
      const auto end = std::find_if(at, flows_.end(), [&](const SeenFlow& flow) {
        return flow.key.container != at->key.container;
      });
      if (containers < kMostContainers) Container({at, end});
      at = end;
    }
    if (containers > kMostContainers) {
      body_ += TextAt(
          kMargin, y_ + 8, "class=\"small\"",
          "and " + Count(static_cast<int64_t>(containers - kMostContainers), "more container"));
      y_ += kBetween;
    }
    return Start() + Header(span, containers) + body_ + "</svg>\n";
  }

 private:
  using Rows = std::vector<const SeenFlow*>;

  [[nodiscard]] std::string Start() const {
    const std::string size = Num(width_) + "\" height=\"" + Num(y_ + kMargin);
    return "<svg xmlns=\"http://www.w3.org/2000/svg\" width=\"" + size + "\" viewBox=\"0 0 " +
           Num(width_) + " " + Num(y_ + kMargin) +
           "\" font-family=\"sans-serif\" font-size=\"14\">\n"
           "<title>Who talks to whom</title>\n"
           "<style>.small{font-size:12px;fill:#546e7a}.strong{font-weight:bold}</style>\n"
           "<rect width=\"100%\" height=\"100%\" fill=\"#ffffff\"/>\n";
  }

  [[nodiscard]] std::string Header(const std::string& span, size_t containers) const {
    std::string text =
        TextAt(kMargin, 34, "class=\"strong\" font-size=\"20\"",
               "Network of " + Count(static_cast<int64_t>(containers), "container")) +
        TextAt(kMargin, 54, "class=\"small\"", Xml(span));
    int x = kMargin;
    for (const Look& look : kLooks) {
      const auto count = std::ranges::count_if(
          flows_, [&](const SeenFlow& flow) { return flow.key.action == look.action; });
      text += Line(look, {.box = x, .peer = x + 34}, 74, 74, 3);
      const std::string words = Count(count, "flow") + " " + look.word;
      text +=
          TextAt(x + 48, 79, "class=\"strong\" fill=\"" + std::string(look.colour) + "\"", words);
      x += 84 + static_cast<int>(words.size()) * 8;
    }
    return text;
  }

  static std::string Line(const Look& look, const Side& side, int from, int to, double width) {
    const int middle = (side.box + side.peer) / 2;
    std::string text = "<path d=\"M" + Num(side.box) + " " + Num(from) + "C" + Num(middle) + " " +
                       Num(from) + " " + Num(middle) + " " + Num(to) + " " + Num(side.peer) + " " +
                       Num(to) + "\" fill=\"none\" stroke=\"" + look.colour + "\" stroke-width=\"" +
                       std::to_string(width).substr(0, 4) + "\"" +
                       (look.action == EventAction::kWouldDeny ? " stroke-dasharray=\"7 4\"" : "") +
                       "/>\n";
    return text + End(look, side, to);
  }

  // A cross, an empty ring, or a dot.
  static std::string End(const Look& look, const Side& side, int y) {
    const int x = side.peer;
    const std::string circle = "<circle cx=\"" + Num(x) + "\" cy=\"" + Num(y) + "\" ";
    const std::string colour = look.colour;
    if (look.action == EventAction::kAllowed) return circle + "r=\"3\" fill=\"" + colour + "\"/>\n";
    if (look.action == EventAction::kWouldDeny) {
      return circle + "r=\"6\" fill=\"#ffffff\" stroke-width=\"2\" stroke=\"" + colour + "\"/>\n";
    }
    return circle + "r=\"9\" fill=\"" + colour + "\"/>\n<path d=\"M" + Num(x - 4) + " " +
           Num(y - 4) + "l8 8m0 -8l-8 8\" stroke=\"#ffffff\" stroke-width=\"2.5\"/>\n";
  }

  void Row(const SeenFlow& flow, const Side& side, int from, int y) {
    const Look& look = LookOf(flow.key.action);
    const bool allowed = flow.key.action == EventAction::kAllowed;
    const std::string whole =
        Xml(std::string(look.word) + (flow.key.ingress ? " from " : " to ") + PeerOf(flow.key) +
            " " + ServiceOf(flow.key) + ": " + DetailOf(flow));
    body_ += "<g><title>" + whole + "</title>\n";
    if (!allowed) {
      const int x = side.left ? side.text - kTextWidth + 20 : side.text - 4;
      body_ += "<rect x=\"" + Num(x) + "\" y=\"" + Num(y - 17) + "\" width=\"" +
               Num(kTextWidth - 16) + "\" height=\"34\" rx=\"4\" fill=\"" + look.background +
               "\"/>\n";
    }
    const double many = std::log10(static_cast<double>(std::max<int64_t>(flow.count, 1)));
    body_ += Line(look, side, from, y, (allowed ? 1.2 : 2.5) + std::min(many, 6.0) * 0.8);
    const std::string anchor = side.left ? "text-anchor=\"end\" " : "";
    const std::string fill =
        allowed ? "fill=\"#37474f\"" : "class=\"strong\" fill=\"" + std::string(look.colour) + "\"";
    body_ += TextAt(side.text, y - 2, anchor + fill, LabelOf(flow.key));
    body_ += TextAt(side.text, y + 12, anchor + "class=\"small\"",
                    Short(DetailOf(flow), kDetailColumns));
    body_ += "</g>\n";
  }

  // The rows that are shown, and how many are not.
  static size_t Choose(std::span<const SeenFlow> flows, bool ingress, Rows& rows) {
    std::array<size_t, 2> shown{};
    size_t hidden = 0;
    for (const SeenFlow& flow : flows) {
      if (flow.key.ingress != ingress) continue;
      const bool allowed = flow.key.action == EventAction::kAllowed;
      if (++shown.at(allowed ? 1 : 0) <= (allowed ? kMostAllowed : kMostDenied)) {
        rows.push_back(&flow);
      } else {
        ++hidden;
      }
    }
    return hidden;
  }

  void DrawSide(const Rows& rows, size_t hidden, const Side& side, int height) {
    const int used = Height(rows, hidden);
    int y = y_ + (height - used) / 2 + kRowHeight / 2;
    const int first = y_ + height / 2 - static_cast<int>(rows.size()) * 2;
    int index = 0;
    for (const SeenFlow* flow : rows) {
      Row(*flow, side, std::max(y_ + 8, std::min(first + index++ * 4, y_ + height - 8)), y);
      y += kRowHeight;
    }
    if (hidden > 0) {
      body_ += TextAt(side.text, y,
                      side.left ? "text-anchor=\"end\" class=\"small\"" : "class=\"small\"",
                      "and " + Count(static_cast<int64_t>(hidden), "more flow"));
    }
  }

  static int Height(const Rows& rows, size_t hidden) {
    return (static_cast<int>(rows.size()) + (hidden > 0 ? 1 : 0)) * kRowHeight;
  }

  void Container(std::span<const SeenFlow> flows) {
    Rows in;
    Rows out;
    const size_t hidden_in = Choose(flows, true, in);
    const size_t hidden_out = Choose(flows, false, out);
    const int height = std::max({kLeastBox, Height(in, hidden_in), Height(out, hidden_out)});
    Box(flows, height);
    const int left = box_ - kLineWidth + 12;
    const int right = box_ + kBoxWidth + kLineWidth - 12;
    DrawSide(in, hidden_in, {.left = true, .box = box_, .peer = left, .text = left - 14}, height);
    DrawSide(out, hidden_out, {.box = box_ + kBoxWidth, .peer = right, .text = right + 14}, height);
    y_ += height + kBetween;
  }

  void Box(std::span<const SeenFlow> flows, int height) {
    const bool denied = std::ranges::any_of(
        flows, [](const auto& flow) { return flow.key.action == EventAction::kDenied; });
    const SeenFlowKey& key = flows.front().key;
    body_ += "<rect x=\"" + Num(box_) + "\" y=\"" + Num(y_) + "\" width=\"" + Num(kBoxWidth) +
             "\" height=\"" + Num(height) + "\" rx=\"8\" fill=\"#f4f7f9\" stroke=\"" +
             (denied ? "#b71c1c\" stroke-width=\"2" : "#b0bec5") + "\"/>\n";
    const int middle = box_ + kBoxWidth / 2;
    const int y = y_ + height / 2;
    body_ += TextAt(middle, y - 14, "class=\"strong\" text-anchor=\"middle\"",
                    Short(ShortContainer(key.container), 24));
    body_ += TextAt(middle, y + 4, "class=\"small\" text-anchor=\"middle\"", Short(key.image, 32));
    std::string counts;
    for (const Look& look : kLooks) {
      const auto count = std::ranges::count_if(
          flows, [&](const SeenFlow& flow) { return flow.key.action == look.action; });
      if (count == 0) continue;
      counts += (counts.empty() ? "" : ", ") + std::string("<tspan fill=\"") + look.colour + "\">" +
                Grouped(count) + " " + look.word + "</tspan>";
    }
    body_ +=
        TextAt(middle, y + 24, "class=\"strong\" font-size=\"12\" text-anchor=\"middle\"", counts);
  }

  const std::vector<SeenFlow>& flows_;
  int box_ = 0;  // its left edge
  int width_ = 0;
  int y_ = kHeaderHeight + 8;
  std::string body_;
};

}  // namespace

std::string NetworkPicture(const std::vector<SeenFlow>& flows, const std::string& span) {
  return Picture(flows).Draw(span);
}

}  // namespace runward
