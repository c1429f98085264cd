#include "simulate/voices/zigbee_models.h"

#include "simulate/voice.h"

namespace firegate::simulate {
namespace {

constexpr ZigbeeProperty kBattery{"battery", "Battery", Point::battery_pct, "%", true};
constexpr ZigbeeProperty kBatteryLow{"battery_low", "Battery low", Point::battery_low, "", true};
constexpr ZigbeeProperty kTamper{"tamper", "Tamper", Point::tamper, "", true};
constexpr ZigbeeProperty kTest{"test", "Test", Point::test, "", true};
constexpr ZigbeeProperty kSmoke{"smoke", "Smoke", Point::smoke, ""};
constexpr ZigbeeProperty kTemperature{"temperature", "Temperature", Point::temperature_c, "°C"};

constexpr std::array kSmokePlus{kBattery, kTemperature, kSmoke, kBatteryLow, kTest};
constexpr std::array kSmokeSimple{kSmoke, kBatteryLow, kBattery, kTest};
constexpr std::array kSmokeAndHeat{
    kBattery, kTemperature, kSmoke, kTamper, kBatteryLow, kTest, ZigbeeProperty{"heat", "Heat", Point::heat, ""}};
constexpr std::array kGas{ZigbeeProperty{"gas", "Gas", Point::gas, ""}, kBatteryLow, kTamper};
constexpr std::array kCo{ZigbeeProperty{"carbon_monoxide", "Carbon monoxide", Point::co, ""}, kBatteryLow, kBattery};
constexpr std::array kSos{ZigbeeProperty{"sos", "SOS", Point::sos, ""}, kBatteryLow, kTamper, kBattery};
constexpr std::array kContact{ZigbeeProperty{"contact", "Contact", Point::door_open, "", false, true}, kBattery,
                              kBatteryLow, kTamper};
constexpr std::array kLeak{ZigbeeProperty{"water_leak", "Water leak", Point::water_leak, ""}, kTemperature, kBattery,
                           kBatteryLow};
constexpr std::array kSiren{
    kBattery,
    ZigbeeProperty{"warning", "Warning", std::nullopt, "", false, false,
                   R"({"type":"composite","name":"warning","label":"Warning","property":"warning","access":2,)"
                   R"("features":[{"type":"enum","name":"mode","label":"Mode","property":"mode","access":2,)"
                   R"("values":["stop","emergency"]},{"type":"binary","name":"strobe","label":"Strobe",)"
                   R"("property":"strobe","access":2,"value_on":true,"value_off":false},{"type":"numeric",)"
                   R"("name":"duration","label":"Duration","property":"duration","access":2,"unit":"s"}]})"}};
constexpr std::array kClimate{kBattery, kTemperature, ZigbeeProperty{"humidity", "Humidity", Point::humidity_pct, "%"},
                              ZigbeeProperty{"voltage", "Voltage", std::nullopt, "mV", true}};
constexpr std::array kPlug{
    ZigbeeProperty{"state", "State", std::nullopt, "", false, false,
                   R"({"type":"switch","features":[{"type":"binary","name":"state","label":"State",)"
                   R"("property":"state","access":7,"value_on":"ON","value_off":"OFF","value_toggle":"TOGGLE"}]})"},
    ZigbeeProperty{"power", "Power", Point::power_w, "W"}, ZigbeeProperty{"current", "Current", Point::current_a, "A"},
    ZigbeeProperty{"voltage", "Voltage", Point::voltage_v, "V"},
    ZigbeeProperty{"energy", "Energy", Point::energy_kwh, "kWh"}};

constexpr ZigbeeModel kSmokeModel{"Heiman", "HS2SA-EF-3.0", "HS2SA-EF-3.0", "Smart smoke alarm", false, kSmokeSimple};
constexpr std::array kModels{
    ZigbeeModel{"Heiman", "HS1SA-E-PLUS", "HS1SA-EF-3.0", "Smart smoke alarm", false, kSmokePlus},
    kSmokeModel,
    ZigbeeModel{"Schneider Electric", "W599001", "W599001", "Wiser smoke alarm", false, kSmokeAndHeat},
    ZigbeeModel{"Heiman", "HS1CG-E", "GASSensor-EM", "Combustible gas sensor", true, kGas},
    ZigbeeModel{"Heiman", "HS1CA-E", "COSensor-EM", "Smart carbon monoxide alarm", false, kCo},
    ZigbeeModel{"Feibit", "SEB01ZB", "FNB56-SOS03FB1.5", "SOS button", false, kSos},
    ZigbeeModel{"Heiman", "HS3DS", "DoorSensor-N-3.0", "Door sensor", false, kContact},
    ZigbeeModel{"Heiman", "HS2WL", "WaterSensor2-EF-3.0", "Water leakage sensor", false, kLeak},
    ZigbeeModel{"Heiman", "HS2WD-E", "WarningDevice", "Smart siren", true, kSiren},
    ZigbeeModel{"SONOFF", "SNZB-02", "TH01", "Temperature and humidity sensor", false, kClimate},
    ZigbeeModel{"Tuya", "TS011F_plug_1", "TS011F", "Smart plug (with power monitoring)", true, kPlug}};

std::string_view usual_model(DeviceKind kind) {
  switch (kind) {
    case DeviceKind::heat_detector:
    case DeviceKind::multi_detector: return "W599001";
    case DeviceKind::gas_detector: return "HS1CG-E";
    case DeviceKind::co_detector: return "HS1CA-E";
    case DeviceKind::manual_call_point:
    case DeviceKind::sos_button: return "SEB01ZB";
    case DeviceKind::door_contact: return "HS3DS";
    case DeviceKind::sounder: return "HS2WD-E";
    case DeviceKind::environment_sensor: return "SNZB-02";
    case DeviceKind::relay:
    case DeviceKind::metering_plug: return "TS011F_plug_1";
    default: return "HS2SA-EF-3.0";
  }
}

const ZigbeeModel* named(std::string_view plain) {
  for (const ZigbeeModel& model : kModels) {
    DeviceRow as_row;
    as_row.model = model.model;
    if (plain_model(as_row) == plain) return &model;
  }
  return nullptr;
}

}  // namespace

const ZigbeeModel& zigbee_model(const DeviceRow& row) {
  if (const ZigbeeModel* model = named(plain_model(row))) return *model;
  DeviceRow usual;
  usual.model = usual_model(row.kind);
  const ZigbeeModel* model = named(plain_model(usual));
  return model ? *model : kSmokeModel;
}

}  // namespace firegate::simulate
