"""`firegate frames --hex`: what frames of GB/T 26875.3 say. Against the collected samples, and for lines that are no frame."""
import json
import os

import pytest
from estate import ROOT, run_firegate

SAMPLES = os.path.join(ROOT, "../shared/data/gb26875/frames.jsonl")
ACK = "404001000101233a091a090c385b01000000790300000000000003ab2323"  # a confirmation by the standard's own layout


def frames(tmp_path, lines):
    path = tmp_path / "frames.hex"
    path.write_text("".join(line + "\n" for line in lines), encoding="ascii")
    ended = run_firegate("frames", "--hex", path)
    assert ended.returncode == 0, ended.stderr
    said = [json.loads(line) for line in ended.stdout.splitlines()]
    assert [one["line"] for one in said] == list(range(1, len(lines) + 1))
    return said


def test_every_sample_says_what_its_source_says(tmp_path):
    if not os.path.exists(SAMPLES):
        pytest.skip("no ../shared/data: third-party material is not part of a checkout")
    with open(SAMPLES, encoding="utf-8") as stream:
        samples = [json.loads(line) for line in stream]
    assert len(samples) > 50
    for sample, said in zip(samples, frames(tmp_path, [sample["hex"] for sample in samples])):
        meaning = sample["meaning"]
        expected = meaning["decoded_per_standard"]
        if meaning["kind"] == "adu":
            assert (said["ok"], said["error"], said["adu"]) == (False, "not_a_frame", expected), sample
        else:
            right = expected["complete"] and expected["checksum_ok"] and expected["tail_ok"] and expected["length_ok"]
            assert said["ok"] == right and ("error" in said) != right, sample
            assert said["frame"] == expected, sample


@pytest.mark.parametrize("line, error, detail", [
    ("", "bad_hex", "0 characters"),
    ("404g", "bad_hex", "4 characters"),
    (ACK[:-1], "bad_hex", "pairs"),
    ("31" + ACK, "not_a_frame", "at byte 0: found 3140"),
    (ACK[:30], "incomplete", "found 15 bytes"),
    (ACK[:-2], "incomplete", "found 29 bytes"),
    (ACK[:48] + "0104" + ACK[52:], "too_long", "at byte 24"),
    (ACK.replace("ab2323", "ac2323"), "bad_checksum", "at byte 27: found 0xac, expected 0xab"),
    (ACK.replace("ab2323", "ab2313"), "bad_end", "at byte 28: found 2313"),
    (ACK + ACK, "trailing_bytes", "at byte 30: found 30 more bytes"),
])
def test_a_wrong_line_says_where_and_what(tmp_path, line, error, detail):
    said = frames(tmp_path, [line])[0]
    assert not said["ok"] and said["error"] == error and detail in said["detail"], said


def test_blanks_and_capitals_are_read(tmp_path):
    spaced = " ".join(ACK.upper()[i:i + 2] for i in range(0, len(ACK), 2))
    said = frames(tmp_path, [spaced])[0]
    assert said["ok"] and said["frame"]["command_name"] == "ack", said


def test_a_missing_file_is_not_found(tmp_path):
    assert run_firegate("frames", "--hex", tmp_path / "none").returncode == 4
