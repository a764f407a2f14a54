#pragma once

#include <string>
#include <string_view>

namespace runward {

// Text that others may have chosen, for an XML attribute or text: without what a reader would act
// on (base/event_text.h), and a build system whose log it lands in.
std::string Xml(std::string_view text);

}  // namespace runward
