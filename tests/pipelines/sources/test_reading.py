"""The process that takes files apart serves many files, dies alone and leaves nothing behind."""

import os
import resource
import signal
import subprocess
import sys
import time
from pathlib import Path

import pytest

from pipelines.sources import DeliveryRefusedError, Verdict, reading
from pipelines.sources.raw import Form, read_delimited
from tests.pipelines.sources.test_package import book, packed

pytestmark = pytest.mark.unit

GOOD = b"a;b\r\n1;2\r\n"


def read(content=GOOD, **form):
    """Have a file read by the process."""
    return reading.read_table(content, Form(**form), "x.csv")


def status(pid: int, name: str) -> str:
    """Give a line of what the system says of a process."""
    lines = Path(f"/proc/{pid}/status").read_text().splitlines()
    return next(line.split(":", 1)[1].strip() for line in lines if line.startswith(f"{name}:"))


def is_running(pid: int) -> bool:
    """Whether a process is there and no corpse."""
    try:
        return not status(pid, "State").startswith("Z")
    except (OSError, StopIteration):
        return False


def ended(pid: int) -> bool:
    """Whether a process ends within some seconds."""
    until = time.monotonic() + 10
    while is_running(pid) and time.monotonic() < until:
        time.sleep(0.02)
    return not is_running(pid)


def test_one_process_serves_many_files_and_gives_what_this_one_would():
    read()
    first = reading.parsing_pid()
    for content in (GOOD, b'sep=;\r\na;b\r\n"1\n";2\r\n\r\n;4', b"a;b\r\n"):
        there, here = read(content), read_delimited(content, Form(), "x.csv")
        assert there.cells.equals(here.cells)
        assert there.lines.to_list() == here.lines.to_list()
        assert (there.header, there.blank, there.ends_open) == (
            here.header,
            here.blank,
            here.ends_open,
        )
    workbook = read(packed(book()), kind="xlsx")
    assert workbook.typed is not None
    assert workbook.typed.row(0) == (False, True)
    assert workbook.package is not None
    assert workbook.package.chosen is not None
    with pytest.raises(DeliveryRefusedError, match="line 2 has 3 cells"):
        read(b"a;b\n1;2;3\n")
    assert reading.parsing_pid() == first


def test_the_process_has_its_limits_and_none_of_our_secrets(monkeypatch):
    monkeypatch.setenv("UITSTROOM_KEY_FILE", "/secret/key")
    reading.stop_parsing()
    read()
    pid = reading.parsing_pid()
    assert pid is not None
    limits = [resource.RLIMIT_AS, resource.RLIMIT_FSIZE, resource.RLIMIT_CPU]
    most, file_size, cpu = (resource.prlimit(pid, limit)[0] for limit in limits)
    assert (most, file_size) == (1024**3, 0)
    assert 0 < cpu <= 62 + 2
    assert b"/secret/key" not in Path(f"/proc/{pid}/environ").read_bytes()
    assert str(Path(f"/proc/{pid}/cwd").readlink()).endswith("(deleted)")


def test_a_killed_process_is_replaced_and_no_file_suffers():
    read()
    pid = reading.parsing_pid()
    assert pid is not None
    os.kill(pid, signal.SIGKILL)
    assert read().height == 1
    assert reading.parsing_pid() not in {None, pid}


def test_a_file_at_which_the_process_breaks_off_is_refused_and_the_next_is_read(
    region, monkeypatch
):
    region.deliver("stays", region.rows("stays", 3), file="a.csv")
    region.deliver("stays", region.rows("stays", 6)[3:], file="b.csv")
    plain = reading.ParsingProcess.read

    def dying(self, content, form, where):
        if where.endswith("a.csv"):
            os.kill(self.pid, signal.SIGSEGV)
        return plain(self, content, form, where)

    monkeypatch.setattr(reading.ParsingProcess, "read", dying)
    result = region.read()
    assert dict(result.files.select("file", "verdict").rows()) == {
        "a.csv": Verdict.REFUSED,
        "b.csv": Verdict.ACCEPTED,
    }
    assert "broke off" in str(result.refusals[0])


def test_a_process_that_takes_too_long_is_ended(monkeypatch):
    reading.stop_parsing()
    read()
    pid = reading.parsing_pid()
    assert pid is not None
    os.kill(pid, signal.SIGSTOP)
    monkeypatch.setattr(reading, "MOST_WALL_SECONDS", 0.2)
    with pytest.raises(DeliveryRefusedError, match="60 seconds"):
        read()
    assert ended(pid)
    monkeypatch.undo()
    assert read().height == 1


def test_a_workbook_that_fills_the_memory_is_refused_and_the_next_is_read():
    parts = book()
    sheet = parts["xl/worksheets/sheet1.xml"]
    far = b'<row r="1048576"><c r="XFD1048576"><v>1</v></c></row></sheetData>'
    parts["xl/worksheets/sheet1.xml"] = sheet.replace(b"</sheetData>", far)
    with pytest.raises(DeliveryRefusedError, match="memory"):
        read(packed(parts), kind="xlsx")
    assert read(packed(book()), kind="xlsx").height == 1


@pytest.mark.parametrize("end", [signal.SIGTERM, signal.SIGKILL])
def test_the_process_ends_with_the_program_that_started_it(end):
    code = (
        "import sys, time\n"
        "from pipelines.sources import reading\n"
        "from pipelines.sources.raw import Form\n"
        "reading.read_table(b'a;b\\n1;2\\n', Form(), 'x')\n"
        "print(reading.parsing_pid(), flush=True)\n"
        "time.sleep(60)\n"
    )
    program = subprocess.Popen([sys.executable, "-c", code], stdout=subprocess.PIPE, text=True)
    try:
        assert program.stdout is not None
        pid = int(program.stdout.readline())
        assert is_running(pid)
        program.send_signal(end)
        program.wait(10)
        assert ended(pid)
    finally:
        program.kill()
        program.wait()


def test_the_process_reaches_no_network_or_the_log_says_so(caplog):
    reading.stop_parsing()
    with caplog.at_level("INFO"):
        read()
    pid = reading.parsing_pid()
    lines = Path(f"/proc/{pid}/net/dev").read_text().splitlines()[2:]
    interfaces = {line.partition(":")[0].strip() for line in lines}
    assert interfaces <= {"lo"} or "could not be cut off the network" in caplog.text
