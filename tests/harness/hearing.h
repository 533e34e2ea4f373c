// One kernel before laws, with what a session keeps beside a docket.
#pragma once

#include <string>
#include <vector>

#include "harness/docket.h"

namespace convcheck {

class Hearing {
 public:
  Hearing(const Subject& subject, std::string library, std::vector<const Law*> laws, ReplayForm form)
      : subject_(subject),
        library_(std::move(library)),
        laws_(std::move(laws)),
        form_(std::move(form)),
        docket_(subject_, laws_, record_) {}

  [[nodiscard]] Docket& docket() { return docket_; }
  [[nodiscard]] const KernelRecord& record() const { return record_; }

  /// As the docket does; what is violated is then shrunk at once.
  void judge_case(const Case& c, Depth depth, std::string_view source, Scratch& scratch) {
    docket_.judge_case(c, depth, source, scratch);
    docket_.shrink_violations(scratch);
  }

  [[nodiscard]] KernelReport report() const { return report_of(*subject_.kernel, library_, laws_, record_, form_); }

 private:
  const Subject& subject_;
  std::string library_;
  std::vector<const Law*> laws_;
  ReplayForm form_;
  KernelRecord record_;
  Docket docket_;
};

}  // namespace convcheck
