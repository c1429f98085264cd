// RuleFinder: the line of a file that makes a reading: a field of a device model, or of a format that a file describes.
// A line is it when the reading is there with it and gone without it.
#pragma once

#include <functional>
#include <optional>
#include <string>
#include <vector>

#include "core/config_node.h"
#include "core/driver.h"

namespace firegate::cli {

class RuleFinder {
 public:
  // Whether this driver with these models still makes the reading.
  using Still = std::function<bool(const Driver& driver, const Models& models)>;

  // "drivers/models/milesight/gs524n.yaml:9: field smoke_status", or the folder of a format that is written in C++.
  std::string find(const Driver& driver, Point point, const Still& still);

 private:
  struct ModelFile {
    ConfigNodePtr root;
    std::string brand, model;
  };
  const std::vector<ModelFile>& model_files();
  static Models only(const ModelFile& file, const ConfigNodePtr& root);
  std::optional<std::string> in_models(const Driver& driver, Point point, const Still& still);

  std::vector<ModelFile> model_files_;  // read when the first reading asks
};

}  // namespace firegate::cli
